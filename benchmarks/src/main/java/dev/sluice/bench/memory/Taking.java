package dev.sluice.bench.memory;

import dev.sluice.transport.ByteSink;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import kotlin.Unit;
import kotlin.coroutines.Continuation;
import kotlinx.io.RawSink;

/** Takes everything at once, and copies it into one array over and over, as a kernel would into a buffer of its own. */
final class Taking {
    final byte[] taken = new byte[64 * 1024];

    ByteSink sink() {
        return new SluiceSink(taken);
    }

    OutputStream outputStream() {
        return new JdkSink(taken);
    }

    okio.Sink okio() {
        return new OkioSink(taken);
    }

    RawSink kotlinxIo() {
        return new KotlinxSink(taken);
    }

    private record SluiceSink(byte[] taken) implements ByteSink {
        @Override
        public int tryWrite(ByteBuffer from) {
            int count = from.remaining();
            from.get(taken, 0, count);
            return count;
        }

        @Override
        public Object awaitWritable(Continuation<? super Unit> continuation) {
            return Unit.INSTANCE;
        }

        @Override
        public boolean getCanWriteEof() {
            return false;
        }

        @Override
        public void writeEof() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }

    private static final class JdkSink extends OutputStream {
        private final byte[] taken;

        JdkSink(byte[] taken) {
            this.taken = taken;
        }

        @Override
        public void write(int value) {
            taken[0] = (byte) value;
        }

        @Override
        public void write(byte[] from, int offset, int length) {
            System.arraycopy(from, offset, taken, 0, length);
        }
    }

    private record OkioSink(byte[] taken) implements okio.Sink {
        @Override
        public void write(okio.Buffer source, long byteCount) throws IOException {
            int done = 0;
            while (done < byteCount) {
                done += source.read(taken, done, (int) byteCount - done);
            }
        }

        @Override
        public void flush() {}

        @Override
        public okio.Timeout timeout() {
            return okio.Timeout.NONE;
        }

        @Override
        public void close() {}
    }

    private record KotlinxSink(byte[] taken) implements RawSink {
        @Override
        public void write(kotlinx.io.Buffer source, long byteCount) {
            int done = 0;
            while (done < byteCount) {
                done += source.readAtMostTo(taken, done, (int) byteCount);
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
