package dev.sluice.async;

import dev.sluice.TextReader;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;

/** A {@link TextReader} for Java. */
public final class AsyncTextReader {
    private final TextReader reader;

    AsyncTextReader(TextReader reader) {
        this.reader = reader;
    }

    /** All text until the end. */
    @CheckReturnValue
    public CompletableFuture<String> read() {
        return new Operation<String>().start(reader::read);
    }

    /** The text in pieces as they come, or in lines. Each is read when it is asked for. */
    @NotOnAndroid
    public Flow.Publisher<String> chunks() {
        return Publishers.of(reader.asFlow());
    }

    /** The Kotlin object. */
    public TextReader unwrap() {
        return reader;
    }
}
