package dev.sluice.async;

import dev.sluice.testing.NoLeaks;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A connection that a class of tests has left open fails it, or the next one if it is found late: the message says where it was opened. */
public final class NothingForgotten implements AfterAllCallback {
    @Override
    public void afterAll(ExtensionContext tests) {
        NoLeaks.checkNoLeaks();
    }
}
