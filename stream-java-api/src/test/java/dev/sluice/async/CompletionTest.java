package dev.sluice.async;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(120)
final class CompletionTest {
    private static final int MANY = 20_000;

    @RegisterExtension
    final Pair pair = new Pair();

    private final AsyncStreamReader reader = pair.near.reader();
    private final AsyncStreamWriter peer = pair.far.writer();

    /** All of it is in the buffer of the reader. */
    private void buffer(String text) {
        peer.write("first\n" + text);
        peer.drain().join();
        assertEquals("first", reader.readLine().join());
    }

    @Test
    void whatNeedsNoWaitingIsCompleteAndHasMadeNoJob() {
        buffer("line\n".repeat(100));
        for (int i = 0; i < 100; i++) {
            CompletableFuture<String> line = reader.readLine();
            assertTrue(line.isDone());
            assertNull(((Operation<?>) line).waiting);
        }
        pair.near.writer().write("x");
        pair.near.writer().drain().join();
        CompletableFuture<?> drained = pair.near.writer().drain();
        assertTrue(drained.isDone());
        assertNull(((Operation<?>) drained).waiting);
    }

    @Test
    void whatHasToWaitCompletesOnTheEventLoop() {
        CompletableFuture<String> line = reader.readLine();
        assertFalse(line.isDone());
        assertNotNull(((Operation<?>) line).waiting);
        CompletableFuture<String> thread =
                line.thenApply(it -> Thread.currentThread().getName());
        peer.write("now\n");
        assertTrue(thread.join().startsWith("sluice-loop"), thread.join());
    }

    @Test
    void aLoopOfReadyReadsDoesNotUseUpTheStack() {
        peer.write("x\n".repeat(MANY));
        peer.close();
        assertEquals(MANY, count(0).join());
    }

    private CompletableFuture<Integer> count(int lines) {
        return reader.readLine()
                .thenCompose(it -> it == null ? CompletableFuture.completedFuture(lines) : count(lines + 1));
    }

    @Test
    @SuppressWarnings("FutureReturnValueIgnored")
    void norDoesOneOfOtherCallbacksOnTheEventLoop() {
        AtomicInteger lines = new AtomicInteger();
        CompletableFuture<Integer> all = new CompletableFuture<>();
        CompletableFuture<String> first = reader.readLine();
        first.thenRun(() -> next(lines, all));
        peer.write("x\n".repeat(MANY));
        peer.close();
        assertEquals(MANY - 1, all.join());
    }

    @SuppressWarnings("FutureReturnValueIgnored")
    private void next(AtomicInteger lines, CompletableFuture<Integer> all) {
        reader.readLine().thenApply(it -> it).whenComplete((line, failure) -> {
            if (line == null) {
                all.complete(lines.get());
            } else {
                lines.incrementAndGet();
                next(lines, all);
            }
        });
    }
}
