package dev.sluice.async;

import dev.sluice.NotYetCancelled;
import kotlin.ResultKt;
import kotlin.coroutines.Continuation;
import kotlin.coroutines.CoroutineContext;
import kotlin.coroutines.intrinsics.IntrinsicsKt;
import kotlin.jvm.functions.Function2;
import org.jspecify.annotations.Nullable;

/**
 * The future of a suspend function, which is its continuation and its context as well: an operation that needs no waiting makes no other object. Only one that
 * asks for its context gets a job, by which it can be cancelled, and {@link Waiting}.
 */
class Operation<T extends @Nullable Object> extends ChainedFuture<T>
        implements Continuation<T>, CoroutineContext, NotYetCancelled {
    /** Null as long as it has not had to wait. */
    volatile @Nullable Waiting waiting;

    /** Whether the function has come to its end, after it was stopped. */
    private volatile boolean ended;

    final Operation<T> start(Suspending<T> function) {
        begin(function);
        return this;
    }

    final void begin(Suspending<T> function) {
        Object result;
        try {
            result = function.call(this);
        } catch (Throwable failure) {
            super.completeExceptionally(failure);
            return;
        }
        if (result != IntrinsicsKt.getCOROUTINE_SUSPENDED()) {
            finish(result);
        }
    }

    @Override
    public final void resumeWith(Object result) {
        Waiting waits = waiting;
        if (waits != null && waits.isStopped()) {
            endLate(result);
            return;
        }
        try {
            ResultKt.throwOnFailure(result);
        } catch (Throwable failure) {
            super.completeExceptionally(failure);
            return;
        }
        finish(result);
    }

    private void endLate(Object result) {
        ended = true;
        discard(result);
        endedLate();
    }

    private void finish(@Nullable Object result) {
        if (!super.complete(converted(result))) {
            discard(result);
        }
    }

    /** What the future has of the function's result, which is null only where T allows it. */
    @SuppressWarnings({"unchecked", "NullAway"})
    T converted(@Nullable Object result) {
        return (T) result;
    }

    /** Of a result that comes when nobody wants it any more. */
    private static void discard(@Nullable Object result) {
        if (result instanceof AutoCloseable) {
            try {
                ((AutoCloseable) result).close();
            } catch (Exception e) {
                throw new IllegalStateException("closing " + result + ", which nobody wanted any more", e);
            }
        }
    }

    // From outside: the function is told first, so that whoever hears of the end finds the stream free for the next
    // operation.

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        stop();
        return super.cancel(mayInterruptIfRunning);
    }

    @Override
    public boolean complete(T value) {
        stop();
        return super.complete(value);
    }

    @Override
    public boolean completeExceptionally(Throwable failure) {
        stop();
        return super.completeExceptionally(failure);
    }

    private void stop() {
        Waiting waits = waiting;
        if (waits != null && waits.stop(this)) {
            stopped();
        }
    }

    /** The function has been told to end, and may have. */
    void stopped() {}

    /** The function has ended after it was stopped. */
    void endedLate() {}

    final boolean hasEnded() {
        return ended;
    }

    /** Whether it takes something on its way that must not be lost, and so is never stopped between taking and giving it. */
    boolean isGuarded() {
        return false;
    }

    // The context.

    @Override
    public final CoroutineContext getContext() {
        return this;
    }

    final Waiting waiting() {
        Waiting waits = waiting;
        if (waits == null) {
            waits = new Waiting(isGuarded());
            waiting = waits;
        }
        return waits;
    }

    @Override
    public final <E extends CoroutineContext.Element> @Nullable E get(CoroutineContext.Key<E> key) {
        return waiting().context().get(key);
    }

    @Override
    public final <R> R fold(R initial, Function2<? super R, ? super CoroutineContext.Element, ? extends R> operation) {
        return waiting().context().fold(initial, operation);
    }

    @Override
    public final CoroutineContext minusKey(CoroutineContext.Key<?> key) {
        return waiting().context().minusKey(key);
    }

    @Override
    public final CoroutineContext plus(CoroutineContext context) {
        return waiting().context().plus(context);
    }
}
