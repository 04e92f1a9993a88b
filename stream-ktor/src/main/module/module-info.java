/** TCP and Unix connections and servers, on an event loop over Ktor's sockets. */
module dev.sluice.ktor {
    requires transitive dev.sluice.core;
    requires transitive io.ktor.io;
    requires transitive io.ktor.network;
    requires transitive kotlinx.io.core;
    requires org.slf4j;

    // Ktor's jars have no descriptors, and can't ask for it themselves.
    requires kotlinx.serialization.core;

    exports dev.sluice.net;
}
