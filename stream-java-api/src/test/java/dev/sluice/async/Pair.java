package dev.sluice.async;

import java.util.Map;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Two connections that are each other's peer. */
final class Pair implements AutoCloseable, AfterEachCallback {
    final AsyncConnection near;
    final AsyncConnection far;

    Pair() {
        Map.Entry<AsyncConnection, AsyncConnection> pair =
                AsyncStreams.connectedPair().join();
        near = pair.getKey();
        far = pair.getValue();
    }

    @Override
    public void afterEach(ExtensionContext test) {
        close();
    }

    @Override
    public void close() {
        near.abort();
        far.abort();
    }
}
