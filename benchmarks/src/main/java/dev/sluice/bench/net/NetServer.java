package dev.sluice.bench.net;

import dev.sluice.bench.remote.Memory;
import java.io.IOException;
import java.security.GeneralSecurityException;

/** A server on the loopback interface or a Unix socket, until its process ends. */
interface NetServer {
    /**
     * Starts it, over TCP with TCP_NODELAY on every connection.
     *
     * @return its port or its path
     * @throws UnsupportedOperationException this machine can't run it, or it does not do this
     */
    String start(Job job) throws IOException, GeneralSecurityException;

    /** The bytes outside the heap that this JVM has taken for buffers. */
    default long directMemory() {
        return Memory.direct();
    }
}
