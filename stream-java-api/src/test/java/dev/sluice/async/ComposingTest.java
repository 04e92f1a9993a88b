package dev.sluice.async;

import static dev.sluice.async.Failures.failure;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.ConnectionResetException;
import dev.sluice.IdleTimeoutException;
import dev.sluice.LengthPrefixed;
import dev.sluice.Lines;
import dev.sluice.MessageTooLongException;
import dev.sluice.RelayResult;
import dev.sluice.Throttle;
import dev.sluice.net.ConnectOptions;
import dev.sluice.net.ServerOptions;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(120)
final class ComposingTest {
    @RegisterExtension
    final Pair pair = new Pair();

    private final AsyncConnection near = pair.near;
    private final AsyncConnection far = pair.far;

    @Test
    void aRelayPassesOnBothDirectionsAndTheirEnds() {
        try (Pair other = new Pair()) {
            CompletableFuture<RelayResult> relayed = AsyncStreams.relay(far, other.near);
            near.writer().write("question");
            near.writer().writeEof();
            assertArrayEquals(
                    "question".getBytes(UTF_8), other.far.reader().read().join());
            other.far.writer().write("answer");
            other.far.writer().writeEof();
            assertArrayEquals("answer".getBytes(UTF_8), near.reader().read().join());
            RelayResult result = relayed.join();
            assertEquals(8, result.getFirstToSecond().getBytes());
            assertEquals(6, result.getSecondToFirst().getBytes());
            assertNull(result.getFirstToSecond().getFailure());
        }
    }

    @Test
    void cancellingARelayAbortsBoth() {
        try (Pair other = new Pair()) {
            CompletableFuture<RelayResult> relayed = AsyncStreams.relay(far, other.near);
            assertTrue(relayed.cancel(true));
            far.awaitClosed().exceptionally(failure -> null).join();
            assertTrue(far.writer().isClosing());
            assertTrue(other.near.writer().isClosing());
        }
    }

    @Test
    void limitsCopiesAndThrottlesStack() {
        try (Pair copy = new Pair()) {
            near.writer().write("0123456789");
            near.writer().writeEof();
            Throttle fast = new Throttle(1 << 20);
            AsyncStreamReader head = far.reader()
                    .limited(4)
                    .tee(copy.near.writer().throttled(fast))
                    .throttled(fast);
            assertArrayEquals("0123".getBytes(UTF_8), head.read().join());
            assertArrayEquals("456789".getBytes(UTF_8), far.reader().read().join());
            assertArrayEquals(
                    "0123".getBytes(UTF_8), copy.far.reader().readExactly(4).join());
        }
    }

    @Test
    void messagesAreSentAndReceivedUntilTheEnd() {
        AsyncFramed<byte[]> sender = near.framed(new LengthPrefixed(2, 100));
        AsyncFramed<byte[]> receiver = far.framed(new LengthPrefixed(2, 100));
        CompletableFuture<byte @Nullable []> cancelled = receiver.receive();
        assertTrue(cancelled.cancel(true));
        sender.send("one".getBytes(UTF_8)).join();
        assertArrayEquals("one".getBytes(UTF_8), receiver.receive().join());
        assertEquals(
                101,
                failure(MessageTooLongException.class, sender.send(new byte[101]))
                        .getLength());
        sender.close();
        assertNull(receiver.receive().join());
        assertSame(far, receiver.connection());
        assertSame(far.unwrap(), receiver.unwrap().getConnection());
    }

    /** A number in each line. */
    private static final class Numbers implements AsyncCodec<Integer> {
        @Override
        public void encode(Integer message, AsyncStreamWriter writer) {
            writer.write(message + "\n");
        }

        @Override
        public CompletionStage<@Nullable Integer> decode(AsyncStreamReader reader) {
            return reader.readLine().thenApply(line -> line == null ? null : Integer.valueOf(line));
        }
    }

    @Test
    void aCodecOfOnesOwn() {
        AsyncFramed<Integer> receiver = far.framed(new Numbers());
        near.framed(new Numbers()).send(7).join();
        assertEquals(7, receiver.receive().join());
        near.writer().write("no number\n8\n");
        failure(NumberFormatException.class, receiver.receive());
        assertEquals("no number", far.framed(new Lines()).receive().join());
        assertEquals(8, receiver.receive().join());
    }

    @Test
    void aReceiveThatIsCancelledWithSuchACodecHasTakenNothing() {
        AsyncFramed<Integer> receiver = far.framed(new Numbers());
        for (int number = 0; number < 100; number++) {
            assertTrue(receiver.receive().cancel(true));
            CompletableFuture<@Nullable Integer> next = receiver.receive();
            near.writer().write(number + "\n");
            assertEquals(number, next.join());
        }
    }

    /** Returns before its read has come to an end, and reads on when all is over. */
    private static final class Hasty implements AsyncCodec<String> {
        @Nullable
        AsyncStreamReader lent;

        @Override
        public void encode(String message, AsyncStreamWriter writer) {
            writer.write(message);
        }

        @Override
        public CompletionStage<@Nullable String> decode(AsyncStreamReader reader) {
            lent = reader;
            CompletableFuture<@Nullable String> unused = reader.readLine();
            assertFalse(unused.isDone());
            return CompletableFuture.completedFuture("hasty");
        }
    }

    @Test
    void aReadThatACodecLeavesBehindIsStopped() {
        Hasty codec = new Hasty();
        assertEquals("hasty", far.framed(codec).receive().join());
        failure(IllegalStateException.class, Objects.requireNonNull(codec.lent).readLine());
        near.writer().write("whole\n");
        assertEquals("whole", far.reader().readLine().join());
    }

    @Test
    void anIdleConnectionIsClosed() {
        Duration time = Duration.ofMillis(100);
        try (AsyncServer server = AsyncStreams.startServer(
                        "127.0.0.1",
                        0,
                        connection -> connection.reader().read(),
                        ServerOptions.builder()
                                .idleTimeout(Duration.ofMinutes(1))
                                .build())
                .join()) {
            int port = ((InetSocketAddress) server.addresses().get(0)).getPort();
            try (AsyncConnection connection = AsyncStreams.openConnection(
                            "127.0.0.1",
                            port,
                            ConnectOptions.builder().idleTimeout(time).build())
                    .join()) {
                failure(IdleTimeoutException.class, connection.reader().readLine());
            }
            server.abortClients();
        }
    }

    @Test
    void aLostConnectionIsPassedOnAsSuch() {
        try (AsyncServer upstream = AsyncStreams.startServer(
                        "127.0.0.1",
                        0,
                        connection -> connection.reader().read(1).thenAccept(byteOfEnd -> connection.abort()))
                .join()) {
            int port = ((InetSocketAddress) upstream.addresses().get(0)).getPort();
            AsyncConnection up = AsyncStreams.openConnection("127.0.0.1", port).join();
            near.writer().write("x");
            RelayResult result = AsyncStreams.relay(far, up).join();
            assertTrue(result.getSecondToFirst().getFailure() instanceof ConnectionResetException);
        }
    }
}
