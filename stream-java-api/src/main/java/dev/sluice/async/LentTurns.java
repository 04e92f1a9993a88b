package dev.sluice.async;

import java.util.concurrent.CompletableFuture;
import kotlin.Unit;
import org.jspecify.annotations.Nullable;

/** The reads of a reader that is lent for one message, and then taken back, also from a read that is still going on. */
final class LentTurns extends Turns {
    private @Nullable Operation<?> last;
    private boolean isOver;

    @Override
    synchronized <T extends @Nullable Object> Operation<T> start(Suspending<T> function) {
        if (isOver) {
            Operation<T> refused = new Operation<>();
            refused.completeExceptionally(
                    new IllegalStateException("this reader was a codec's for one message, which has come to its end"));
            return refused;
        }
        Operation<T> read = super.start(function);
        last = read;
        return read;
    }

    /** From now on nothing is read. What has to be waited for until that is so; null for nothing. */
    @Nullable
    CompletableFuture<Unit> takeBack() {
        Operation<?> read;
        synchronized (this) {
            isOver = true;
            read = last;
        }
        if (read == null || !read.cancel(true)) {
            return null;
        }
        return super.start(ended -> Unit.INSTANCE);
    }
}
