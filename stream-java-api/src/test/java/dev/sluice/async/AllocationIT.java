package dev.sluice.async;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.sluice.StreamReader;
import dev.sluice.transport.ByteSource;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import kotlin.Unit;
import kotlin.coroutines.Continuation;
import org.junit.jupiter.api.Test;

/** Runs in a JVM of its own: what others have taught its compiler would change what is measured. */
final class AllocationIT {
    private static final int LINES = 200_000;

    /** A header, the result, the callbacks, and the one field of an operation. */
    private static final int FUTURE_BYTES = 32;

    /** One line of eight letters again and again: it takes 24 bytes, and its letters as many. */
    private static final ByteSource LINES_WITHOUT_END = new ByteSource() {
        private final byte[] lines = "12345678\n".repeat(1000).getBytes(StandardCharsets.US_ASCII);

        @Override
        public int tryRead(ByteBuffer into) {
            int count = Math.min(into.remaining(), lines.length) / 9 * 9;
            into.put(lines, 0, count);
            return count;
        }

        @Override
        public Object awaitReadable(Continuation<? super Unit> continuation) {
            return Unit.INSTANCE;
        }

        @Override
        public void close() {}
    };

    @Test
    void aReadyReadMakesItsFutureAndItsResult() {
        AsyncStreamReader reader = AsyncStreams.of(new StreamReader(LINES_WITHOUT_END));
        long resultBytes = 24 + 24;
        // The least of many: the compiler takes its time until it makes only what it has to.
        double bytes = Double.MAX_VALUE;
        for (int i = 0; i < 40; i++) {
            bytes = Math.min(bytes, read(reader, LINES));
        }
        // One operation in 128 lets others have a turn, and makes a job for it.
        assertTrue(bytes <= FUTURE_BYTES + resultBytes + 4, bytes + " bytes for each line");
        assertTrue(bytes >= resultBytes, bytes + " bytes for each line");
    }

    private static double read(AsyncStreamReader reader, int lines) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long thread = Thread.currentThread().getId();
        long before = threads.getThreadAllocatedBytes(thread);
        for (int i = 0; i < lines; i++) {
            CompletableFuture<String> line = reader.readLine();
            if (line.join().length() != 8) {
                throw new AssertionError(line.join());
            }
        }
        return (double) (threads.getThreadAllocatedBytes(thread) - before) / lines;
    }
}
