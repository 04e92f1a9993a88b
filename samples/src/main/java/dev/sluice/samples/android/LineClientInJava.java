package dev.sluice.samples.android;

import dev.sluice.async.AsyncConnection;
import dev.sluice.async.AsyncStreamWriter;
import dev.sluice.async.AsyncStreams;
import dev.sluice.net.ConnectOptions;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Keeps a connection to a server of lines, as an app in Java does: what happens is told on the app's main thread, and when the network has
 * taken the connection away there will be another one.
 *
 * <pre>{@code
 * Executor main = new Handler(Looper.getMainLooper())::post;
 * LineClientInJava chat = new LineClientInJava("chat.example.org", 7000, main, new LineClientInJava.Listener() {...});
 * chat.send("hello");
 * chat.close(); // in onDestroy
 * }</pre>
 *
 * All of it runs on Android from API level 26, and nothing of it touches the network on the main thread: the test of this file checks both.
 */
public final class LineClientInJava implements AutoCloseable {
    /** Is told what happens, on the main thread. */
    public interface Listener {
        void isConnected(boolean now);

        void received(String line);
    }

    private static final int MOST_LINES_KEPT = 64;

    private final String host;
    private final int port;
    private final ConnectOptions options;
    private final Executor main;
    private final Listener listener;

    /** All that follows is touched on this thread alone. Android's main thread may not use the network, not even where nothing would block. */
    private final ScheduledExecutorService network = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "line-client");
        thread.setDaemon(true);
        return thread;
    });

    private final Queue<String> outgoing = new ArrayDeque<>();
    private CompletableFuture<AsyncConnection> opening;
    private AsyncConnection connection;
    private boolean isSending;
    private boolean isClosed;

    public LineClientInJava(String host, int port, Executor main, Listener listener) {
        this.host = host;
        this.port = port;
        this.main = main;
        this.listener = listener;
        options =
                ConnectOptions.builder().connectTimeout(Duration.ofSeconds(10)).build();
        network.execute(this::connect);
    }

    /**
     * Has a line sent, as soon as there is a connection. Of too many that wait for one the oldest is dropped, and one that is on its way
     * when the connection is lost may be lost with it.
     */
    public void send(String line) {
        network.execute(() -> {
            if (outgoing.size() == MOST_LINES_KEPT) {
                outgoing.remove();
            }
            outgoing.add(line);
            sendNext();
        });
    }

    /** Ends it for good. Lines that wait for a connection are dropped. */
    @Override
    public void close() {
        network.execute(() -> {
            isClosed = true;
            opening.cancel(true);
            if (connection != null) {
                connection.close();
            }
        });
    }

    private void connect() {
        if (isClosed) {
            network.shutdown();
            return;
        }
        opening = AsyncStreams.openConnection(host, port, options);
        opening.thenComposeAsync(this::talk, network)
                // Whether the server has ended it or the network has taken it away: the next one follows.
                .whenCompleteAsync((end, failure) -> disconnected(), network);
    }

    private CompletableFuture<Void> talk(AsyncConnection opened) {
        connection = opened;
        if (isClosed) {
            opened.close();
        }
        tell(true);
        sendNext();
        return opened.reader().forEachLine(line -> main.execute(() -> listener.received(line)));
    }

    private void disconnected() {
        if (connection != null) {
            connection.close();
            connection = null;
            tell(false);
        }
        network.schedule(this::connect, isClosed ? 0 : 1, TimeUnit.SECONDS);
    }

    private void tell(boolean isConnected) {
        main.execute(() -> listener.isConnected(isConnected));
    }

    /** One after the other, no faster than the server takes them. */
    private void sendNext() {
        if (connection == null || connection.writer().isClosing() || isSending || outgoing.isEmpty()) {
            return;
        }
        isSending = true;
        AsyncStreamWriter writer = connection.writer();
        CompletableFuture.completedFuture(outgoing.remove())
                // Within a stage: a write throws, too, when the connection has just been lost.
                .thenCompose(line -> {
                    writer.write(line + "\n");
                    return writer.drain();
                })
                .whenCompleteAsync(
                        (done, failure) -> {
                            isSending = false;
                            sendNext();
                        },
                        network);
    }
}
