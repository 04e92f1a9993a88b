package dev.sluice.async;

import dev.sluice.Framed;
import dev.sluice.Limited;
import dev.sluice.StreamInfo;
import dev.sluice.StreamReader;
import dev.sluice.Tee;
import dev.sluice.Throttle;
import dev.sluice.Throttled;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A {@link StreamReader} for Java. It serves one operation at a time, each until its future is complete; a second one meanwhile fails with
 * {@link IllegalStateException}.
 */
public final class AsyncStreamReader {
    private final StreamReader reader;
    private final Turns turns;

    AsyncStreamReader(StreamReader reader) {
        this(reader, new Turns());
    }

    AsyncStreamReader(StreamReader reader, Turns turns) {
        this.reader = reader;
        this.turns = turns;
    }

    /** Everything until the end, however much. */
    @CheckReturnValue
    public CompletableFuture<byte[]> read() {
        return read(-1);
    }

    /** Up to {@code n} bytes, at least one, as soon as there are any; an empty array at the end. With a negative number as {@link #read()}; 0 is empty at once. */
    @CheckReturnValue
    public CompletableFuture<byte[]> read(int n) {
        return turns.start(it -> reader.read(n, it));
    }

    /** Moves bytes into the buffer, which is the operation's until its future is complete: at least one, and as many as are there and fit; -1 at the end. */
    @CheckReturnValue
    public CompletableFuture<Integer> read(ByteBuffer into) {
        return turns.start(it -> reader.read(into, it));
    }

    /** Exactly {@code n} bytes, or {@link dev.sluice.IncompleteReadException}, which has what came. */
    @CheckReturnValue
    public CompletableFuture<byte[]> readExactly(int n) {
        return turns.start(it -> reader.readExactly(n, it));
    }

    /**
     * Everything up to the first of the separators, which is the end of the result; without one up to {@code "\n"}. More than {@link #limit()} bytes before it are
     * {@link dev.sluice.LimitOverrunException}, with nothing consumed; the end before it is {@link dev.sluice.IncompleteReadException}.
     */
    @CheckReturnValue
    public CompletableFuture<byte[]> readUntil(byte[]... separators) {
        return turns.start(it -> reader.readUntil(separators, it));
    }

    /** A line with its {@code "\n"}; the last one may lack it; an empty array at the end. */
    @CheckReturnValue
    public CompletableFuture<byte[]> readLineBytes() {
        return turns.start(reader::readLineBytes);
    }

    /** A line of UTF-8 without its {@code "\n"} or {@code "\r\n"}; {@code null} at the end. */
    @CheckReturnValue
    public CompletableFuture<@Nullable String> readLine() {
        return readLine(StandardCharsets.UTF_8);
    }

    /** The same in another charset, which has to write a newline as the byte 0A. */
    @CheckReturnValue
    public CompletableFuture<@Nullable String> readLine(Charset charset) {
        return turns.start(it -> reader.readLine(charset, it));
    }

    /**
     * The lines as {@link #readLine()} gives them. A line is read when it is asked for, and not before: cancelling the subscription leaves the rest in the stream.
     */
    @NotOnAndroid
    public Flow.Publisher<String> lines() {
        return lines(StandardCharsets.UTF_8);
    }

    /** The same in another charset. */
    @NotOnAndroid
    public Flow.Publisher<String> lines(Charset charset) {
        return Publishers.of(reader.lines(charset));
    }

    /** The bytes as they arrive, in pieces of whatever is there. A piece is read when it is asked for. */
    @NotOnAndroid
    public Flow.Publisher<byte[]> chunks() {
        return Publishers.of(reader.chunks());
    }

    /** Calls {@code action} with each line, one after the other, until the end, or until it throws. */
    @CheckReturnValue
    public CompletableFuture<@Nullable Void> forEachLine(Consumer<? super String> action) {
        return MappedOperation.run(it -> Bridge.forEachLine(reader, action, it));
    }

    /** The next {@code bytes} bytes as a stream of their own, to be read to its end before this one is read again. */
    public AsyncStreamReader limited(long bytes) {
        return new AsyncStreamReader(Limited.limited(reader, bytes));
    }

    /** This reader, with a copy of everything that is read to {@code copy}, which is drained before this reader is asked for more. */
    public AsyncStreamReader tee(AsyncStreamWriter copy) {
        return new AsyncStreamReader(Tee.tee(reader, copy.unwrap()));
    }

    /** This reader, no faster than the throttle lets it. */
    public AsyncStreamReader throttled(Throttle throttle) {
        return new AsyncStreamReader(Throttled.throttled(reader, throttle));
    }

    <T> CompletableFuture<@Nullable T> receive(Framed<T> framed) {
        return turns.start(framed::receive);
    }

    /** The stream as text, decoded as it comes; malformed bytes become U+FFFD. */
    public AsyncTextReader text(Charset charset, boolean byLine) {
        return text(charset, byLine, CodingErrorAction.REPLACE);
    }

    /**
     * The stream as text, decoded as it comes: a character cut by a chunk is never broken.
     *
     * @param byLine whether {@link AsyncTextReader#chunks()} gives lines, {@code "\n"} kept, instead of pieces as they come
     * @param onMalformed what becomes of bytes that are no text
     */
    public AsyncTextReader text(Charset charset, boolean byLine, CodingErrorAction onMalformed) {
        return new AsyncTextReader(reader.text(charset, byLine, onMalformed));
    }

    /** Drops {@code n} bytes; how many it were, fewer only at the end. */
    @CheckReturnValue
    public CompletableFuture<Long> skip(long n) {
        return new Operation<Long>().start(it -> reader.skip(n, it));
    }

    /** Drops everything through the first of the separators, or to the end; how many bytes it were. The way on after {@link dev.sluice.LimitOverrunException}. */
    @CheckReturnValue
    public CompletableFuture<Long> skipUntil(byte[]... separators) {
        return new Operation<Long>().start(it -> reader.skipUntil(separators, it));
    }

    /** Writes everything until the end to {@code writer}, no faster than it takes it, and drains; how many bytes it were. The writer stays open. */
    @CheckReturnValue
    public CompletableFuture<Long> copyTo(AsyncStreamWriter writer) {
        return new Operation<Long>().start(it -> reader.copyTo(writer.unwrap(), it));
    }

    /** Whether the end was met and every byte before it was read. */
    public boolean atEof() {
        return reader.getAtEof();
    }

    /** The most bytes that a line, or what ends with a separator, may have. */
    public int limit() {
        return reader.getLimit();
    }

    /** The same bytes for blocking callers, who must not be on an event loop. Closing it closes the reader. */
    public InputStream asInputStream() {
        return reader.asInputStream();
    }

    /** What lies below this stream. */
    public StreamInfo info() {
        return reader.getInfo();
    }

    /** Ends the input; writing goes on. What waits or comes later fails with {@link dev.sluice.StreamClosedException}. */
    public void close() {
        reader.close();
    }

    /** The Kotlin object. */
    public StreamReader unwrap() {
        return reader;
    }

    @Override
    public String toString() {
        return reader.toString();
    }
}
