package dev.sluice.async;

import java.util.concurrent.CountDownLatch;
import kotlin.ResultKt;
import kotlin.coroutines.Continuation;
import kotlin.coroutines.ContinuationInterceptor;
import kotlin.coroutines.CoroutineContext;
import kotlin.coroutines.intrinsics.IntrinsicsKt;
import org.jspecify.annotations.Nullable;

/** A function that waits until the test goes on with it. */
final class Held<T> implements Suspending<T> {
    private final CountDownLatch taken = new CountDownLatch(1);
    private final CountDownLatch given = new CountDownLatch(1);
    private boolean isSlow;
    private @Nullable Continuation<T> continuation;

    @Override
    public @Nullable Object call(Continuation<T> caller) {
        CoroutineContext context = caller.getContext();
        Continuation<T> rest = new Continuation<>() {
            @Override
            public CoroutineContext getContext() {
                return context;
            }

            @Override
            public void resumeWith(Object result) {
                if (isSlow) {
                    taken.countDown();
                    await(given);
                }
                caller.resumeWith(result);
            }
        };
        ContinuationInterceptor interceptor = context.get(ContinuationInterceptor.Key);
        continuation = interceptor == null ? rest : interceptor.interceptContinuation(rest);
        return IntrinsicsKt.getCOROUTINE_SUSPENDED();
    }

    void resume(T result) {
        resumeWith(result);
    }

    void fail(Throwable failure) {
        resumeWith(ResultKt.createFailure(failure));
    }

    /** Returns when {@link #give} has been called: until then the result is taken, and not yet the caller's. */
    void resumeSlowly(T result) {
        isSlow = true;
        resumeWith(result);
    }

    void awaitTaken() {
        await(taken);
    }

    void give() {
        given.countDown();
    }

    private void resumeWith(Object result) {
        Continuation<T> resumed = continuation;
        if (resumed == null) {
            throw new IllegalStateException("it has not been called");
        }
        resumed.resumeWith(result);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }
}
