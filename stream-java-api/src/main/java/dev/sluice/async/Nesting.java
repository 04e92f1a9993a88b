package dev.sluice.async;

import dev.sluice.net.LoopThread;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import kotlin.coroutines.EmptyCoroutineContext;

/**
 * How deep callbacks are in one another on a thread. One that is called where its future is complete already may call for the next such future, and so on: a
 * loop written in this way must not use up the stack, however many of its steps need no waiting.
 */
final class Nesting {
    private static final int DEEPEST = 40;
    private static final ThreadLocal<Nesting> OF_THREAD = ThreadLocal.withInitial(Nesting::new);

    /** Begins with a new stack: on an event loop in its next turn, elsewhere on another thread. */
    static final Executor ELSEWHERE = task -> {
        Thread thread = Thread.currentThread();
        if (thread instanceof LoopThread) {
            ((LoopThread) thread).getLoop().dispatch(EmptyCoroutineContext.INSTANCE, task);
        } else {
            ForkJoinPool.commonPool().execute(task);
        }
    };

    private int depth;

    static Nesting ofThread() {
        return OF_THREAD.get();
    }

    /** One level deeper, if that may be; then {@link #leave} has to follow. */
    boolean enter() {
        if (depth == DEEPEST) {
            return false;
        }
        depth++;
        return true;
    }

    void leave() {
        depth--;
    }
}
