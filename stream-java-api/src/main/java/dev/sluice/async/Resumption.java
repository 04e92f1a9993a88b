package dev.sluice.async;

import java.util.concurrent.CancellationException;
import kotlin.ResultKt;
import kotlin.coroutines.Continuation;
import kotlin.coroutines.CoroutineContext;
import org.jspecify.annotations.Nullable;

/** A part of a guarded operation that goes on after a wait, or ends there. */
final class Resumption<R extends @Nullable Object> implements Continuation<R> {
    private final Waiting waiting;
    private final Continuation<? super R> rest;

    Resumption(Waiting waiting, Continuation<? super R> rest) {
        this.waiting = waiting;
        this.rest = rest;
    }

    @Override
    public CoroutineContext getContext() {
        return rest.getContext();
    }

    @Override
    public void resumeWith(Object result) {
        if (!waiting.enter()) {
            waiting.cancel();
            rest.resumeWith(stopped(result));
            return;
        }
        Nesting nesting = Nesting.ofThread();
        if (!nesting.enter()) {
            Nesting.ELSEWHERE.execute(() -> resumeEntered(result));
            return;
        }
        try {
            resumeEntered(result);
        } finally {
            nesting.leave();
        }
    }

    private void resumeEntered(Object result) {
        try {
            rest.resumeWith(result);
        } finally {
            waiting.leave();
        }
    }

    private static Object stopped(Object result) {
        try {
            ResultKt.throwOnFailure(result);
        } catch (Throwable failure) {
            return result;
        }
        return ResultKt.createFailure(new CancellationException("the future was completed from outside"));
    }
}
