package dev.sluice.bench.net;

import java.io.Closeable;
import java.io.IOException;

/** A connection that blocks. */
interface Link extends Closeable {
    /** Sends so many bytes, at most {@link Service#WRITE_BYTES}. */
    void send(int count) throws IOException;

    /** Receives what is there, at least one byte, and returns how many it was; -1 at the end. */
    int receive() throws IOException;

    void endOutput() throws IOException;
}
