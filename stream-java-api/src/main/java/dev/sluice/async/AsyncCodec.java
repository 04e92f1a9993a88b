package dev.sluice.async;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A {@link dev.sluice.Codec} that is written in Java: how messages are written to a stream, and found in it again. */
public interface AsyncCodec<T> {
    /** Writes the whole of {@code message}; what it throws before it has written anything leaves the stream as it was. */
    void encode(T message, AsyncStreamWriter writer);

    /**
     * Reads one message; {@code null} at the end of the stream. What was read is kept until the stage is complete, and given back if that fails or is cancelled.
     */
    CompletionStage<? extends @Nullable T> decode(AsyncStreamReader reader);
}
