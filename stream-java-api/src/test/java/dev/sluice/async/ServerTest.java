package dev.sluice.async;

import static dev.sluice.async.Failures.failure;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.InfoKey;
import dev.sluice.StreamClosedException;
import dev.sluice.net.ServerOptions;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
@SuppressWarnings("try")
final class ServerTest {
    /** Line by line, until the end. */
    private static CompletableFuture<Void> echo(AsyncConnection connection) {
        return connection.reader().readLineBytes().thenCompose(line -> {
            if (line.length == 0) {
                return CompletableFuture.completedFuture(null);
            }
            connection.writer().write(line);
            return connection.writer().drain().thenCompose(done -> echo(connection));
        });
    }

    static int port(AsyncServer server) {
        return ((InetSocketAddress) server.addresses().get(0)).getPort();
    }

    private static String ask(AsyncConnection connection, String line) {
        connection.writer().write(line + "\n");
        return connection.reader().readLine().join();
    }

    @Test
    void anEchoServerAndItsClient() {
        try (AsyncServer server = AsyncStreams.startServer("127.0.0.1", 0, ServerTest::echo)
                        .join();
                AsyncConnection connection =
                        AsyncStreams.openConnection("127.0.0.1", port(server)).join()) {
            assertEquals("hello", ask(connection, "hello"));
            assertEquals("again", ask(connection, "again"));
            assertEquals(1, server.connections());
            assertEquals(port(server), ((InetSocketAddress) connection.info().get(InfoKey.PeerAddress)).getPort());
            connection.close();
            connection.awaitClosed().join();
            server.close();
            server.awaitClosed().join();
            assertEquals(0, server.connections());
        }
    }

    @Test
    void severalHostsAndAChannelThatListens() throws IOException {
        try (AsyncServer both = AsyncStreams.startServer(List.of("127.0.0.1", "127.0.0.2"), 0, ServerTest::echo)
                        .join();
                AsyncConnection connection =
                        AsyncStreams.openConnection("127.0.0.2", port(both)).join()) {
            assertEquals(2, both.addresses().size());
            assertEquals("hello", ask(connection, "hello"));
        }
        ServerSocketChannel channel =
                ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        try (AsyncServer server =
                        AsyncStreams.startServer(channel, ServerTest::echo).join();
                AsyncConnection connection = AsyncStreams.openConnection(SocketChannel.open(channel.getLocalAddress()))
                        .join()) {
            assertEquals("hello", ask(connection, "hello"));
            assertTrue(server.isServing());
        }
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_16)
    void aUnixSocket(@TempDir Path folder) {
        Path path = folder.resolve("socket");
        try (AsyncServer server =
                        AsyncStreams.startUnixServer(path, ServerTest::echo).join();
                AsyncConnection connection =
                        AsyncStreams.openUnixConnection(path).join()) {
            assertEquals("hello", ask(connection, "hello"));
            server.close();
            server.closeClients();
            server.awaitClosed().join();
        }
        assertTrue(Files.notExists(path));
    }

    @Test
    void aHandlerThatIsDoneAtOnceGivesItsConnectionBack() {
        ConnectionHandler greets = connection -> {
            connection.writer().write("hello\n");
            return null;
        };
        try (AsyncServer server =
                        AsyncStreams.startServer("127.0.0.1", 0, greets).join();
                AsyncConnection connection =
                        AsyncStreams.openConnection("127.0.0.1", port(server)).join()) {
            assertEquals("hello", connection.reader().readLine().join());
            assertNull(connection.reader().readLine().join());
        }
    }

    @Test
    void whatAHandlerThrowsAndWhatItsStageFailsWithAreReportedAsTheyAre() throws InterruptedException {
        BlockingQueue<Throwable> reported = new LinkedBlockingQueue<>();
        ServerOptions options = ServerOptions.builder()
                .onError((connection, failure) -> reported.add(failure))
                .build();
        IOException mine = new IOException("mine");
        List<ConnectionHandler> handlers = List.of(
                connection -> {
                    throw mine;
                },
                connection -> CompletableFuture.failedFuture(mine),
                connection -> connection.reader().readLine().thenApply(line -> {
                    throw new java.io.UncheckedIOException(mine);
                }));
        for (ConnectionHandler handler : handlers) {
            try (AsyncServer server = AsyncStreams.startServer("127.0.0.1", 0, handler, options)
                            .join();
                    AsyncConnection connection = AsyncStreams.openConnection("127.0.0.1", port(server))
                            .join()) {
                connection.writer().write("go on\n");
                Throwable failure = reported.poll(60, TimeUnit.SECONDS);
                assertSame(mine, failure instanceof java.io.UncheckedIOException ? failure.getCause() : failure);
                connection.abort();
            }
        }
    }

    @Test
    void anExecutorRunsTheHandlers() {
        ExecutorService executor = Executors.newSingleThreadExecutor(task -> new Thread(task, "my own"));
        ConnectionHandler names = connection -> {
            connection.writer().write(Thread.currentThread().getName() + "\n");
            return null;
        };
        ServerOptions options = ServerOptions.builder().executor(executor).build();
        try (AsyncServer server =
                        AsyncStreams.startServer("127.0.0.1", 0, names, options).join();
                AsyncConnection connection =
                        AsyncStreams.openConnection("127.0.0.1", port(server)).join()) {
            assertTrue(connection.reader().readLine().join().startsWith("my own"));
            server.close();
            server.awaitClosed().join();
        } finally {
            executor.shutdown();
        }
    }

    @Test
    void aServerThatWaitsToBeStarted() {
        ServerOptions options = ServerOptions.builder().startServing(false).build();
        try (AsyncServer server = AsyncStreams.startServer("127.0.0.1", 0, ServerTest::echo, options)
                .join()) {
            assertEquals(false, server.isServing());
            server.startServing().join();
            assertEquals(true, server.isServing());
            try (AsyncConnection connection =
                    AsyncStreams.openConnection("127.0.0.1", port(server)).join()) {
                assertEquals("hello", ask(connection, "hello"));
                server.abortClients();
            }
        }
    }

    @Test
    void aPortWhereNobodyListens() throws IOException {
        int free;
        try (ServerSocket socket = new ServerSocket(0)) {
            free = socket.getLocalPort();
        }
        failure(ConnectException.class, AsyncStreams.openConnection("127.0.0.1", free));
    }

    @Test
    void writingToAClosedConnection() {
        try (Pair pair = new Pair()) {
            pair.near.close();
            pair.near.awaitClosed().join();
            assertTrue(pair.near.writer().isClosing());
            failure(StreamClosedException.class, pair.near.writer().drain());
        }
    }
}
