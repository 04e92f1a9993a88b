package dev.sluice.async;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.StreamFeed;
import dev.sluice.StreamReader;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

@Timeout(300)
final class VirtualThreadsTest {
    private static final int CALLERS = 10_000;

    /** They would need as many threads of the system if a join() kept one. */
    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void tenThousandCallersWaitEachInItsOwnVirtualThread() throws Exception {
        ExecutorService threads = (ExecutorService)
                Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        List<StreamFeed> peers = new ArrayList<>();
        List<Future<String>> answers = new ArrayList<>();
        try (Pair pair = new Pair()) {
            for (int i = 0; i < CALLERS; i++) {
                StreamFeed peer = new StreamFeed();
                AsyncStreamReader reader = AsyncStreams.of(new StreamReader(peer));
                peers.add(peer);
                answers.add(threads.submit(() -> reader.readLine().join()));
            }
            Future<String> overTheNetwork =
                    threads.submit(() -> pair.near.reader().readLine().join());
            for (int i = 0; i < CALLERS; i++) {
                peers.get(i).feed((i + "\n").getBytes(US_ASCII));
            }
            pair.far.writer().write("socket\n");
            for (int i = 0; i < CALLERS; i++) {
                assertEquals(Integer.toString(i), answers.get(i).get(1, TimeUnit.MINUTES));
            }
            assertEquals("socket", overTheNetwork.get(1, TimeUnit.MINUTES));
        } finally {
            threads.shutdownNow();
        }
    }
}
