package dev.sluice.bench.process;

/** One way to run child processes. */
interface Parent {
    int CHUNK = 64 * 1024;

    /** Writes so many bytes to {@code cat}, and reads them back at the same time. */
    void cat(long bytes) throws Exception;

    /** Starts {@code echo}, reads its line and waits for its end. */
    void start() throws Exception;

    /** So many {@code cat}s. */
    Herd herd(int size) throws Exception;

    /** Children that live side by side. */
    interface Herd extends AutoCloseable {
        /** Writes a line to each, and returns when each has answered. */
        void ask() throws Exception;

        @Override
        void close();
    }

    static void check(boolean isAsExpected) {
        if (!isAsExpected) {
            throw new IllegalStateException("a child did not answer as it should");
        }
    }
}
