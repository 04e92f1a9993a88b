package dev.sluice.async;

import static dev.sluice.async.Failures.failure;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class OperationTest {
    private final AtomicInteger closed = new AtomicInteger();
    private final AutoCloseable resource = closed::incrementAndGet;

    @Test
    void aResourceThatComesAfterTheCancellationIsClosed() {
        Held<AutoCloseable> opening = new Held<>();
        Operation<AutoCloseable> operation = new Operation<AutoCloseable>().start(opening);
        assertTrue(operation.cancel(true));
        assertEquals(0, closed.get());
        opening.resume(resource);
        assertEquals(1, closed.get());
        assertTrue(operation.isCancelled());
    }

    @Test
    void soIsOneWhoseOpeningItselfLedToTheCancellation() {
        Operation<AutoCloseable> operation = new Operation<>();
        operation.begin(continuation -> {
            operation.cancel(true);
            return resource;
        });
        assertEquals(1, closed.get());
        assertTrue(operation.isCancelled());
    }

    @Test
    void onlyTheFirstEndCounts() {
        Held<AutoCloseable> opening = new Held<>();
        Operation<AutoCloseable> operation = new Operation<AutoCloseable>().start(opening);
        assertTrue(operation.completeExceptionally(new IOException("mine")));
        assertFalse(operation.complete(resource));
        opening.fail(new IOException("late"));
        assertEquals("mine", failure(IOException.class, operation).getMessage());
        assertEquals(0, closed.get());
    }
}
