package dev.sluice.async;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class TurnsTest {
    private final Turns turns = new Turns();
    private final AtomicInteger begun = new AtomicInteger();
    private final Suspending<String> ready = continuation -> {
        begun.incrementAndGet();
        return "ready";
    };

    @Test
    void aReadBeginsWhenTheStoppedOneHasLetGo() {
        Held<String> held = new Held<>();
        CompletableFuture<String> stopped = turns.start(held);
        assertTrue(stopped.cancel(true));
        CompletableFuture<String> next = turns.start(ready);
        assertEquals(0, begun.get());
        held.resume("too late");
        assertEquals(1, begun.get());
        assertEquals("ready", next.join());
        assertTrue(stopped.isCancelled());
    }

    @Test
    void itWaitsForAllThatWereStopped() {
        Held<String> one = new Held<>();
        Held<String> other = new Held<>();
        CompletableFuture<String> first = turns.start(one);
        CompletableFuture<String> second = turns.start(other);
        assertTrue(first.cancel(true));
        assertTrue(second.cancel(true));
        CompletableFuture<String> next = turns.start(ready);
        other.fail(new IllegalStateException("its own end"));
        assertFalse(next.isDone());
        one.resume("too late");
        assertEquals("ready", next.join());
        assertEquals("ready", turns.start(ready).join());
    }

    @Test
    void oneThatIsStoppedBeforeItsTurnNeverBegins() {
        Held<String> held = new Held<>();
        CompletableFuture<String> stopped = turns.start(held);
        assertTrue(stopped.cancel(true));
        CompletableFuture<String> unwanted = turns.start(ready);
        assertTrue(unwanted.cancel(true));
        CompletableFuture<String> next = turns.start(ready);
        held.resume("too late");
        assertEquals("ready", next.join());
        assertEquals(1, begun.get());
        assertTrue(unwanted.isCancelled());
    }

    @Test
    void whatHasBeenTakenIsGivenThoughItIsCancelledMeanwhile() throws Exception {
        Held<String> held = new Held<>();
        CompletableFuture<String> read = turns.start(held);
        CompletableFuture<Void> resuming = CompletableFuture.runAsync(() -> held.resumeSlowly("taken"));
        held.awaitTaken();
        CompletableFuture<Boolean> cancelled = new CompletableFuture<>();
        Thread cancelling = new Thread(() -> cancelled.complete(read.cancel(true)));
        cancelling.start();
        while (cancelling.getState() != Thread.State.TIMED_WAITING) {
            assertFalse(cancelled.isDone());
            Thread.onSpinWait();
        }
        held.give();
        assertEquals("taken", read.join());
        assertFalse(cancelled.join());
        resuming.join();
    }
}
