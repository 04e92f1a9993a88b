/** Readers, writers and connections over any transport; TLS, child processes, and a kit for tests. */
module dev.sluice.core {
    requires transitive kotlin.stdlib;
    requires transitive kotlinx.coroutines.core;
    requires org.slf4j;

    // Only for the terminal of the program. Pseudo-terminals need --add-reads dev.sluice.core=pty4j: its jar has no name for it
    // that would stay.
    requires static org.jline;

    exports dev.sluice;
    exports dev.sluice.process;
    exports dev.sluice.testing;
    exports dev.sluice.tls;
    exports dev.sluice.transport;
}
