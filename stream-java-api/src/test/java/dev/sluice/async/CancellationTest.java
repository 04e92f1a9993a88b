package dev.sluice.async;

import static dev.sluice.async.Failures.failure;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(300)
final class CancellationTest {
    private static final int LINES = 3_000;

    @RegisterExtension
    final Pair pair = new Pair();

    private final AsyncStreamReader reader = pair.near.reader();
    private final AsyncStreamWriter peer = pair.far.writer();

    @Test
    void aCancelledReadLeavesEverythingToTheNext() {
        CompletableFuture<String> cancelled = reader.readLine();
        peer.write("begun");
        assertTrue(cancelled.cancel(true));
        assertTrue(cancelled.isCancelled());
        CompletableFuture<String> next = reader.readLine();
        peer.write(" and ended\n");
        assertEquals("begun and ended", next.join());
    }

    @Test
    void soDoesOneThatIsCompletedFromOutside() {
        failure(TimeoutException.class, reader.readLine().orTimeout(1, TimeUnit.MILLISECONDS));
        assertEquals(
                "mine",
                reader.readLine()
                        .completeOnTimeout("mine", 1, TimeUnit.MILLISECONDS)
                        .join());
        CompletableFuture<String> failed = reader.readLine();
        assertTrue(failed.completeExceptionally(new IOException("mine")));
        assertEquals("mine", failure(IOException.class, failed).getMessage());
        CompletableFuture<String> completed = reader.readLine();
        assertTrue(completed.complete("mine"));
        peer.write("theirs\n");
        assertEquals("theirs", reader.readLine().join());
    }

    @Test
    @SuppressWarnings("FutureReturnValueIgnored")
    void whoeverHearsOfACancellationCanReadAtOnce() {
        CompletableFuture<String> cancelled = reader.readLine();
        CompletableFuture<String> next =
                cancelled.handle((line, failure) -> reader.readLine()).thenCompose(it -> it);
        cancelled.cancel(false);
        peer.write("for the next\n");
        assertEquals("for the next", next.join());
    }

    @Test
    void afterItsEndAFutureCanNotBeCancelled() {
        peer.write("line\n");
        CompletableFuture<String> line = reader.readLine();
        assertEquals("line", line.join());
        assertFalse(line.cancel(true));
        assertFalse(line.complete("other"));
        assertEquals("line", line.join());
    }

    @Test
    void howeverOftenReadsAreCancelledWhileBytesComeEachLineIsReadOnce() {
        assertTrue(readLinesThrough(Runnable::run) > 0);
    }

    @Test
    void cancelledFromAnotherThreadTheyAreReadOnceAsWell() {
        readLinesThrough(ForkJoinPool.commonPool());
    }

    /** Reads each line while the peer writes them, and cancels each read by {@code canceller}; how many of the reads were cancelled. */
    private int readLinesThrough(Executor canceller) {
        CompletableFuture<Void> writing = CompletableFuture.runAsync(this::writeLines);
        int expected = 0;
        int cancelled = 0;
        while (true) {
            CompletableFuture<String> line = reader.readLine();
            CompletableFuture<Void> cancelling = CompletableFuture.runAsync(() -> line.cancel(true), canceller);
            String read;
            try {
                read = line.join();
            } catch (CancellationException e) {
                cancelled++;
                continue;
            } finally {
                cancelling.join();
            }
            if (read == null) {
                break;
            }
            assertEquals(Integer.toString(expected++), read);
        }
        writing.join();
        assertEquals(LINES, expected);
        return cancelled;
    }

    private void writeLines() {
        for (int i = 0; i < LINES; i++) {
            peer.write(i + "\n");
            if (i % 3 == 0) {
                peer.drain().join();
            }
        }
        peer.close();
    }

    @Test
    void aCancelledDrainChangesNothing() {
        byte[] much = new byte[8 << 20];
        peer.write(much);
        CompletableFuture<Void> drain = peer.drain();
        drain.cancel(true);
        peer.close();
        assertEquals(much.length, reader.read().join().length);
        assertNull(peer.awaitClosed().join());
        assertTrue(drain.isCompletedExceptionally() || drain.isDone());
    }

    @Test
    void cancellingWhatServesForeverClosesTheServer() {
        AsyncServer server =
                AsyncStreams.startServer("127.0.0.1", 0, connection -> null).join();
        CompletableFuture<Void> forever = server.serveForever();
        forever.cancel(true);
        server.awaitClosed().join();
        assertFalse(server.isServing());
        try {
            forever.join();
        } catch (CancellationException | CompletionException e) {
            assertTrue(forever.isCancelled());
        }
    }
}
