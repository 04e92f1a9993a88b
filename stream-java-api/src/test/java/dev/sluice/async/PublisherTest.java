package dev.sluice.async;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.StreamClosedException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(120)
final class PublisherTest {
    private static final String END = "the end";

    @RegisterExtension
    final Pair pair = new Pair();

    private final AsyncStreamReader reader = pair.near.reader();
    private final AsyncStreamWriter peer = pair.far.writer();

    /** Asks when it is told to. */
    private static final class Asking<T> implements Flow.Subscriber<T> {
        private final BlockingQueue<Object> signals = new LinkedBlockingQueue<>();

        @SuppressWarnings("NullAway.Init")
        private Flow.Subscription subscription;

        static <T> Asking<T> of(Flow.Publisher<T> publisher) {
            Asking<T> asking = new Asking<>();
            publisher.subscribe(asking);
            return asking;
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            this.subscription = subscription;
        }

        @Override
        public void onNext(T item) {
            signals.add(item);
        }

        @Override
        public void onError(Throwable failure) {
            signals.add(failure);
        }

        @Override
        public void onComplete() {
            signals.add(END);
        }

        @Nullable
        Object ask() throws InterruptedException {
            subscription.request(1);
            return signals.poll(60, TimeUnit.SECONDS);
        }
    }

    @Test
    void aLineIsReadWhenItIsAskedForAndNotBefore() throws InterruptedException {
        peer.write("one\ntwo\nthree\n");
        peer.drain().join();
        Asking<String> lines = Asking.of(reader.lines());
        assertEquals("one", lines.ask());
        assertEquals("two", lines.ask());
        lines.subscription.cancel();
        assertEquals("three", reader.readLine().join());
        assertTrue(lines.signals.isEmpty());
    }

    @Test
    void aSubscriptionThatIsCancelledWhileItWaitsLeavesTheStreamToOthers() {
        Asking<String> lines = Asking.of(reader.lines());
        lines.subscription.request(1);
        lines.subscription.cancel();
        peer.write("for the other\n");
        assertEquals("for the other", reader.readLine().join());
        assertTrue(lines.signals.isEmpty());
    }

    @Test
    void theEndAndFailures() throws InterruptedException {
        peer.write("one");
        peer.close();
        Asking<String> lines = Asking.of(reader.lines(UTF_8));
        assertEquals("one", lines.ask());
        assertEquals(END, lines.ask());
        reader.close();
        assertInstanceOf(StreamClosedException.class, Asking.of(reader.lines()).ask());
    }

    @Test
    void chunksAndTextComeInPieces() throws InterruptedException {
        Asking<byte[]> chunks = Asking.of(reader.chunks());
        peer.write("one");
        assertEquals("one", new String((byte[]) chunks.ask(), UTF_8));
        chunks.subscription.cancel();
        peer.write("two\nthree");
        peer.close();
        Asking<String> lines = Asking.of(reader.text(UTF_8, true).chunks());
        List<Object> all = new ArrayList<>(List.of(lines.ask(), lines.ask(), lines.ask()));
        assertEquals(List.of("two\n", "three", END), all);
    }
}
