package dev.sluice.async;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A future whose callbacks may go on with further ones without end, also where all of them are complete already. */
class ChainedFuture<T extends @Nullable Object> extends CompletableFuture<T> {
    @Override
    public <U extends @Nullable Object> CompletableFuture<U> newIncompleteFuture() {
        return new ChainedFuture<>();
    }

    @Override
    public <U extends @Nullable Object> CompletableFuture<U> thenApply(Function<? super T, ? extends U> function) {
        return nested(() -> super.thenApply(function), () -> super.thenApplyAsync(function, Nesting.ELSEWHERE));
    }

    @Override
    public CompletableFuture<@Nullable Void> thenAccept(Consumer<? super T> action) {
        return nested(() -> super.thenAccept(action), () -> super.thenAcceptAsync(action, Nesting.ELSEWHERE));
    }

    @Override
    public CompletableFuture<@Nullable Void> thenRun(Runnable action) {
        return nested(() -> super.thenRun(action), () -> super.thenRunAsync(action, Nesting.ELSEWHERE));
    }

    @Override
    public <U extends @Nullable Object> CompletableFuture<U> thenCompose(
            Function<? super T, ? extends CompletionStage<U>> function) {
        return nested(() -> super.thenCompose(function), () -> super.thenComposeAsync(function, Nesting.ELSEWHERE));
    }

    @Override
    public <U extends @Nullable Object> CompletableFuture<U> handle(
            BiFunction<? super T, @Nullable Throwable, ? extends U> function) {
        return nested(() -> super.handle(function), () -> super.handleAsync(function, Nesting.ELSEWHERE));
    }

    @Override
    public CompletableFuture<T> whenComplete(BiConsumer<? super T, ? super @Nullable Throwable> action) {
        return nested(() -> super.whenComplete(action), () -> super.whenCompleteAsync(action, Nesting.ELSEWHERE));
    }

    private <R> R nested(Supplier<R> here, Supplier<R> elsewhere) {
        if (!isDone()) {
            return here.get();
        }
        Nesting nesting = Nesting.ofThread();
        if (!nesting.enter()) {
            return elsewhere.get();
        }
        try {
            return here.get();
        } finally {
            nesting.leave();
        }
    }
}
