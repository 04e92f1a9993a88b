package dev.sluice.async;

import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.locks.LockSupport;
import kotlin.coroutines.AbstractCoroutineContextElement;
import kotlin.coroutines.Continuation;
import kotlin.coroutines.ContinuationInterceptor;
import kotlin.coroutines.CoroutineContext;
import kotlinx.coroutines.CompletableJob;
import kotlinx.coroutines.Dispatchers;
import kotlinx.coroutines.JobKt;

/**
 * An operation that may have to wait. It goes on where it is resumed. A guarded one knows while it does: stopping it then would lose what it is about to return.
 */
final class Waiting extends AbstractCoroutineContextElement implements ContinuationInterceptor {
    private static final AtomicIntegerFieldUpdater<Waiting> RUNNING =
            AtomicIntegerFieldUpdater.newUpdater(Waiting.class, "running");
    private static final int STOPPED = -1;

    private final boolean guarded;
    private final CompletableJob job = JobKt.Job(null);
    private final CoroutineContext context;

    /** How many threads are at it: two for a moment, when one has suspended it and another resumes it already. */
    private volatile int running;

    Waiting(boolean guarded) {
        super(ContinuationInterceptor.Key);
        this.guarded = guarded;
        // What others have in hand when they are cancelled is for the dispatchers of coroutines to dispose of.
        context = job.plus(guarded ? this : Dispatchers.getUnconfined());
    }

    CoroutineContext context() {
        return context;
    }

    boolean isStopped() {
        return running == STOPPED;
    }

    /** Whether this ends it before its future is complete. If it is just about to be that, this waits for it, which is no time. */
    boolean stop(Future<?> future) {
        while (!future.isDone()) {
            int threads = running;
            if (threads == STOPPED) {
                return false;
            }
            if (guarded && threads > 0) {
                LockSupport.parkNanos(1);
            } else if (RUNNING.compareAndSet(this, threads, STOPPED)) {
                job.cancel(null);
                // It may have come to its end between the two looks at it.
                return !future.isDone();
            }
        }
        return false;
    }

    /** Whether it may go on. Then {@link #leave} has to follow. */
    boolean enter() {
        int threads;
        do {
            threads = running;
            if (threads == STOPPED) {
                return false;
            }
        } while (!RUNNING.compareAndSet(this, threads, threads + 1));
        return true;
    }

    void leave() {
        int threads;
        do {
            threads = running;
        } while (threads != STOPPED && !RUNNING.compareAndSet(this, threads, threads - 1));
    }

    /** Of one that is resumed though it was stopped: its job, by which it understands that, may not be cancelled yet. */
    void cancel() {
        job.cancel(null);
    }

    @Override
    public <R> Continuation<R> interceptContinuation(Continuation<? super R> continuation) {
        return new Resumption<>(this, continuation);
    }

    @Override
    public void releaseInterceptedContinuation(Continuation<?> continuation) {}
}
