package dev.sluice.async;

import java.util.Map;

/** Two connections that are each other's peer. */
final class Pair implements AutoCloseable {
    final AsyncConnection near;
    final AsyncConnection far;

    Pair() {
        Map.Entry<AsyncConnection, AsyncConnection> pair =
                AsyncStreams.connectedPair().join();
        near = pair.getKey();
        far = pair.getValue();
    }

    @Override
    public void close() {
        near.abort();
        far.abort();
    }
}
