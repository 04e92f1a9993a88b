package dev.sluice.bench.net;

/** What a server does with each of its connections. */
public enum Service {
    /** Sends back what it gets. */
    ECHO,
    /** Reads and throws away, to the end; then it closes. */
    RECEIVE,
    /** Writes until its client has enough. */
    SEND;

    /** How much is written at once in bulk, on both sides. */
    public static final int WRITE_BYTES = 64 * 1024;
}
