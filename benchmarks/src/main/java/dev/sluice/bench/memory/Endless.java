package dev.sluice.bench.memory;

import dev.sluice.transport.ByteSource;
import java.io.InputStream;
import java.nio.ByteBuffer;
import kotlin.Unit;
import kotlin.coroutines.Continuation;
import kotlinx.io.RawSource;

/**
 * A prepared array, handed out again and again: always ready, always as much as is asked for. Each view has a place of its
 * own in it, and gives its reader the bytes in the way that reader asks for them.
 */
final class Endless {
    private final byte[] bytes;
    private int position;

    private Endless(byte[] bytes) {
        this.bytes = bytes;
    }

    static ByteSource source(byte[] bytes) {
        return new SluiceSource(new Endless(bytes));
    }

    static InputStream inputStream(byte[] bytes) {
        return new JdkSource(new Endless(bytes));
    }

    static okio.Source okio(byte[] bytes) {
        return new OkioSource(new Endless(bytes));
    }

    static RawSource kotlinxIo(byte[] bytes) {
        return new KotlinxSource(new Endless(bytes));
    }

    /** How many of {@code wanted} bytes lie in one piece, at the place that is returned by {@link #take}. */
    private int piece(long wanted) {
        return (int) Math.min(wanted, bytes.length - position);
    }

    private int take(int count) {
        int from = position;
        position = from + count == bytes.length ? 0 : from + count;
        return from;
    }

    private record SluiceSource(Endless from) implements ByteSource {
        @Override
        public int tryRead(ByteBuffer into) {
            int count = into.remaining();
            while (into.hasRemaining()) {
                int piece = from.piece(into.remaining());
                into.put(from.bytes, from.take(piece), piece);
            }
            return count;
        }

        @Override
        public Object awaitReadable(Continuation<? super Unit> continuation) {
            return Unit.INSTANCE;
        }

        @Override
        public void close() {}
    }

    private static final class JdkSource extends InputStream {
        private final Endless from;

        JdkSource(Endless from) {
            this.from = from;
        }

        @Override
        public int read() {
            return from.bytes[from.take(1)] & 0xFF;
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            int done = 0;
            while (done < length) {
                int piece = from.piece(length - done);
                System.arraycopy(from.bytes, from.take(piece), into, offset + done, piece);
                done += piece;
            }
            return length;
        }
    }

    private record OkioSource(Endless from) implements okio.Source {
        @Override
        public long read(okio.Buffer sink, long byteCount) {
            long left = byteCount;
            while (left > 0) {
                int piece = from.piece(left);
                sink.write(from.bytes, from.take(piece), piece);
                left -= piece;
            }
            return byteCount;
        }

        @Override
        public okio.Timeout timeout() {
            return okio.Timeout.NONE;
        }

        @Override
        public void close() {}
    }

    private record KotlinxSource(Endless from) implements RawSource {
        @Override
        public long readAtMostTo(kotlinx.io.Buffer sink, long byteCount) {
            long left = byteCount;
            while (left > 0) {
                int piece = from.piece(left);
                int start = from.take(piece);
                sink.write(from.bytes, start, start + piece);
                left -= piece;
            }
            return byteCount;
        }

        @Override
        public void close() {}
    }
}
