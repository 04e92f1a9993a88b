/** Streams, connections, servers and processes as CompletableFutures, for Java. */
module dev.sluice.async {
    requires transitive dev.sluice.ktor;
    requires kotlinx.coroutines.jdk9;
    requires static org.jspecify;

    exports dev.sluice.async;
}
