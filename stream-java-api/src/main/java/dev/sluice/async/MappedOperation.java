package dev.sluice.async;

import java.util.function.Function;
import kotlin.Unit;
import org.jspecify.annotations.Nullable;

/** One whose result has a twin in this package. */
final class MappedOperation<R, T extends @Nullable Object> extends Operation<T> {
    private final Function<R, T> twin;

    private MappedOperation(Function<R, T> twin) {
        this.twin = twin;
    }

    @SuppressWarnings("unchecked")
    static <R, T extends @Nullable Object> Operation<T> start(Suspending<R> function, Function<R, T> twin) {
        return new MappedOperation<>(twin).start((Suspending<T>) (Suspending<?>) function);
    }

    /** Of a function that has no result. */
    static Operation<@Nullable Void> run(Suspending<Unit> function) {
        return start(function, unit -> null);
    }

    @Override
    @SuppressWarnings("unchecked")
    T converted(@Nullable Object result) {
        return twin.apply((R) result);
    }
}
