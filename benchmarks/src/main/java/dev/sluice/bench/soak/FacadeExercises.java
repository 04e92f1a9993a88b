package dev.sluice.bench.soak;

import dev.sluice.StreamClosedException;
import dev.sluice.async.AsyncConnection;
import dev.sluice.async.AsyncProcess;
import dev.sluice.async.AsyncStreams;
import java.net.ConnectException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;

/** What a program does through the facade for Java: futures that fail if anything is not as it must be. */
final class FacadeExercises {
    private static final String HOST = "127.0.0.1";
    private static final int MOST = 100_000;

    private final int echoPort;
    private final int refusingPort;

    private FacadeExercises(int echoPort, int refusingPort) {
        this.echoPort = echoPort;
        this.refusingPort = refusingPort;
    }

    /** By their names. */
    static Map<String, Function<Random, CompletableFuture<?>>> of(int echoPort, int refusingPort) {
        var exercises = new FacadeExercises(echoPort, refusingPort);
        Map<String, Function<Random, CompletableFuture<?>>> all = new LinkedHashMap<>();
        all.put("an exchange", exercises::exchange);
        all.put("a read is cancelled", exercises::cancelRead);
        all.put("an abort", exercises::abort);
        all.put("refused", exercises::beRefused);
        all.put("a child", FacadeExercises::communicate);
        return all;
    }

    private CompletableFuture<AsyncConnection> open() {
        return AsyncStreams.openConnection(HOST, echoPort);
    }

    private CompletableFuture<?> exchange(Random random) {
        byte[] sent = someBytes(random);
        return open().thenCompose(connection -> {
            connection.writer().write(sent);
            return connection
                    .reader()
                    .readExactly(sent.length)
                    .thenAccept(received -> requireSame(sent, received))
                    .thenCompose(same -> closed(connection));
        });
    }

    private CompletableFuture<?> cancelRead(Random random) {
        String line = "line " + random.nextLong();
        return open().thenCompose(connection -> {
            connection.reader().readLine().cancel(true);
            connection.writer().write(line + "\n");
            return connection
                    .reader()
                    .readLine()
                    .thenAccept(received -> require(line.equals(received), received + " instead of " + line))
                    .thenCompose(same -> closed(connection));
        });
    }

    private CompletableFuture<?> abort(Random random) {
        byte[] sent = someBytes(random);
        return open().thenCompose(connection -> {
            connection.writer().write(sent);
            CompletableFuture<byte[]> waiting = connection.reader().readExactly(2 * MOST);
            connection.abort();
            return failure(StreamClosedException.class, waiting);
        });
    }

    private CompletableFuture<?> beRefused(Random random) {
        return failure(ConnectException.class, AsyncStreams.openConnection(HOST, refusingPort));
    }

    private static CompletableFuture<?> communicate(Random random) {
        byte[] input = someBytes(random);
        return AsyncStreams.startProcess("cat")
                .thenCompose((AsyncProcess cat) -> cat.communicate(input)
                        .thenAccept(result -> requireSame(input, result.getStdout()))
                        .whenComplete((same, failure) -> cat.close()));
    }

    private static CompletableFuture<Void> closed(AsyncConnection connection) {
        connection.close();
        return connection.awaitClosed();
    }

    private static byte[] someBytes(Random random) {
        var bytes = new byte[1 + random.nextInt(MOST)];
        random.nextBytes(bytes);
        return bytes;
    }

    private static CompletableFuture<Void> failure(Class<? extends Throwable> expected, CompletableFuture<?> future) {
        return future.handle((result, failure) -> {
            Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
            require(expected.isInstance(cause), expected.getSimpleName() + " was to come, and not " + cause);
            return null;
        });
    }

    private static void requireSame(byte[] sent, byte[] received) {
        int difference = Arrays.mismatch(sent, received);
        require(
                difference < 0,
                received.length + " bytes instead of " + sent.length + ", different from byte " + difference + " on");
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new IllegalStateException(what);
        }
    }
}
