package dev.sluice.async;

import dev.sluice.StreamInfo;
import dev.sluice.StreamWriter;
import dev.sluice.Throttle;
import dev.sluice.Throttled;
import dev.sluice.tls.TlsOptions;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A {@link StreamWriter} for Java. Writing never waits; {@link #drain()} does, and is what holds a writer back who is faster than his peer. */
public final class AsyncStreamWriter {
    private final StreamWriter writer;

    AsyncStreamWriter(StreamWriter writer) {
        this.writer = writer;
    }

    /**
     * Hands over bytes, and copies what it keeps of them.
     *
     * <p>If they and what is {@link #pending()} are more than {@link #writeLimit()} it throws {@link dev.sluice.WriteLimitException}, and accepts none of them.
     */
    public void write(byte[] data) {
        writer.write(data);
    }

    /** A part of an array. */
    public void write(byte[] data, int offset, int length) {
        writer.write(data, offset, length);
    }

    /** What remains in a buffer. */
    public void write(ByteBuffer data) {
        writer.write(data);
    }

    /** A text in UTF-8. */
    public void write(String text) {
        writer.write(text);
    }

    /** A text in another charset. */
    public void write(String text, Charset charset) {
        writer.write(text, charset);
    }

    /** Writes them one after another, and adds nothing. */
    public void writeLines(Iterable<byte[]> data) {
        writer.writeLines(data);
    }

    /** Completes when everything that was written before is with the system. */
    public CompletableFuture<@Nullable Void> drain() {
        return MappedOperation.run(writer::drain);
    }

    /** Ends the output after what was written: the peer reads that, then the end. The input goes on. */
    public void writeEof() {
        writer.writeEof();
    }

    /** Whether the output can be ended while the input goes on. */
    public boolean canWriteEof() {
        return writer.getCanWriteEof();
    }

    /** Bytes that are not with the system yet. */
    public long pending() {
        return writer.getPending();
    }

    /** How many bytes may be pending. */
    public int writeLimit() {
        return writer.getWriteLimit();
    }

    /** Closes the stream when everything is written, without waiting for that; {@link #awaitClosed()} does. */
    public void close() {
        writer.close();
    }

    /** Whether it was closed, or lost. */
    public boolean isClosing() {
        return writer.isClosing();
    }

    /** Completes when the stream is closed and everything is written; fails with what went wrong. */
    public CompletableFuture<@Nullable Void> awaitClosed() {
        return MappedOperation.run(writer::awaitClosed);
    }

    /** Drops what is pending and resets the peer. */
    public void abort() {
        writer.abort();
    }

    /** The same, with the cause that those who wait are told. */
    public void abort(Throwable cause) {
        writer.abort(cause);
    }

    /** Upgrades the connection to TLS, in place: reader and writer stay as they are. */
    @CheckReturnValue
    public CompletableFuture<@Nullable Void> startTls(TlsOptions options) {
        return MappedOperation.run(it -> writer.startTls(options, it));
    }

    /** Writes a file, and drains; how many bytes it were. */
    @CheckReturnValue
    public CompletableFuture<Long> sendFile(Path path) {
        return sendFile(path, 0, -1);
    }

    /** Writes {@code count} bytes of a file, or with a negative number all that follow; and drains. How many bytes it were. */
    @CheckReturnValue
    public CompletableFuture<Long> sendFile(Path path, long offset, long count) {
        return new Operation<Long>().start(it -> writer.sendFile(path, offset, count, it));
    }

    /** This writer, no faster than the throttle lets it: what may not pass yet is {@link #pending()}, and a drain waits for it. */
    public AsyncStreamWriter throttled(Throttle throttle) {
        return new AsyncStreamWriter(Throttled.throttled(writer, throttle));
    }

    /** For blocking callers, who must not be on an event loop. Closing it closes the writer. */
    public OutputStream asOutputStream() {
        return writer.asOutputStream();
    }

    /** What lies below this stream. */
    public StreamInfo info() {
        return writer.getInfo();
    }

    /** The Kotlin object. */
    public StreamWriter unwrap() {
        return writer;
    }

    @Override
    public String toString() {
        return writer.toString();
    }
}
