package dev.sluice.bench.echo;

import java.io.IOException;

/** A server on the loopback interface that sends back whatever it gets, until its process ends. */
interface EchoServer {
    /** Starts it, with TCP_NODELAY on every connection. UnsupportedOperationException: this machine can't run it. */
    int start() throws IOException;

    /** The bytes outside the heap that this JVM has taken for buffers. */
    default long directMemory() {
        return Memory.direct();
    }
}
