package dev.sluice.async;

import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * The reads of one reader, which serves one at a time. One that was stopped may need a moment until it has let go of the reader: what is asked for meanwhile
 * begins then.
 */
class Turns {
    /** How many reads were stopped and have not let go yet. */
    private volatile int leaving;

    private final Queue<Runnable> next = new ArrayDeque<>(0);

    <T extends @Nullable Object> Operation<T> start(Suspending<T> function) {
        Read<T> read = new Read<>(this);
        if (leaving > 0 && isPutOff(read, function)) {
            return read;
        }
        read.isStarted = true;
        return read.start(function);
    }

    private synchronized <T extends @Nullable Object> boolean isPutOff(Read<T> read, Suspending<T> function) {
        if (leaving == 0) {
            return false;
        }
        Waiting waiting = read.waiting();
        return next.add(() -> {
            // Unless it was stopped before it began.
            if (waiting.enter()) {
                try {
                    read.isStarted = true;
                    read.begin(function);
                } finally {
                    waiting.leave();
                }
            }
        });
    }

    private synchronized void leaves(Read<?> read) {
        if (read.isStarted && !read.hasEnded()) {
            read.isLeaving = true;
            leaving++;
        }
    }

    private void left(Read<?> read) {
        synchronized (this) {
            if (!read.isLeaving || --leaving > 0) {
                return;
            }
        }
        Runnable start;
        while ((start = poll()) != null) {
            start.run();
        }
    }

    private synchronized @Nullable Runnable poll() {
        return next.poll();
    }

    private static final class Read<T extends @Nullable Object> extends Operation<T> {
        private final Turns turns;
        private volatile boolean isStarted;
        private boolean isLeaving;

        Read(Turns turns) {
            this.turns = turns;
        }

        @Override
        boolean isGuarded() {
            return true;
        }

        @Override
        void stopped() {
            turns.leaves(this);
        }

        @Override
        void endedLate() {
            turns.left(this);
        }
    }
}
