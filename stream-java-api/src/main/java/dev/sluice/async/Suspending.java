package dev.sluice.async;

import kotlin.coroutines.Continuation;
import org.jspecify.annotations.Nullable;

/** A suspend function as Java calls it: it returns its result, or that it is suspended and will resume the continuation with it. */
@FunctionalInterface
interface Suspending<T extends @Nullable Object> {
    @Nullable
    Object call(Continuation<T> continuation);
}
