package dev.sluice.bench.memory;

import kotlin.coroutines.Continuation;
import kotlin.coroutines.CoroutineContext;
import kotlinx.coroutines.JobKt;

/**
 * Who calls suspend functions that never suspend here: a coroutine with a job, as every launched one has, and without a
 * dispatcher. What is measured is the function alone; one that did suspend would answer with a marker that no cast lets pass.
 */
final class Caller implements Continuation<Object> {
    static final Caller CALLER = new Caller();

    private final CoroutineContext context = JobKt.Job(null);

    private Caller() {}

    @Override
    public CoroutineContext getContext() {
        return context;
    }

    @Override
    public void resumeWith(Object result) {
        throw new IllegalStateException("the function suspended and was resumed with " + result);
    }
}
