package dev.sluice.async;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** What futures fail with. */
final class Failures {
    private Failures() {}

    static <E extends Throwable> E failure(Class<E> type, CompletableFuture<?> future) {
        ExecutionException failed = assertThrows(ExecutionException.class, () -> future.get(1, TimeUnit.MINUTES));
        return assertInstanceOf(type, failed.getCause());
    }
}
