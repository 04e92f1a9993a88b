package dev.sluice.async;

import dev.sluice.Connection;
import dev.sluice.Relay;
import dev.sluice.RelayResult;
import dev.sluice.StreamReader;
import dev.sluice.StreamWriter;
import dev.sluice.net.AdoptedChannelKt;
import dev.sluice.net.ConnectOptions;
import dev.sluice.net.ConnectedPairKt;
import dev.sluice.net.OpenConnection;
import dev.sluice.net.OpenUnixConnectionKt;
import dev.sluice.net.ServerOptions;
import dev.sluice.net.StartServer;
import dev.sluice.net.StartUnixServerKt;
import dev.sluice.net.StreamServer;
import dev.sluice.process.ProcessOptions;
import dev.sluice.process.Processes;
import dev.sluice.process.Sandbox;
import dev.sluice.process.SandboxOptions;
import dev.sluice.process.StreamProcess;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import kotlin.Pair;
import org.jspecify.annotations.Nullable;

/**
 * Where streams come from: connections, servers, processes and sandboxes.
 *
 * <pre>{@code
 * try (AsyncConnection connection = AsyncStreams.openConnection("example.org", 80).join()) {
 *     connection.writer().write("GET / HTTP/1.0\r\nHost: example.org\r\n\r\n");
 *     connection.reader().forEachLine(System.out::println).join();
 * }
 * }</pre>
 */
public final class AsyncStreams {
    private AsyncStreams() {}

    /** Connects by TCP, and with {@code tls} in the options by TLS. Of several addresses of the host the first that answers is taken. */
    @CheckReturnValue
    public static CompletableFuture<AsyncConnection> openConnection(String host, int port) {
        return openConnection(host, port, ConnectOptions.Default);
    }

    /** As {@link #openConnection(String, int)}. */
    @CheckReturnValue
    public static CompletableFuture<AsyncConnection> openConnection(String host, int port, ConnectOptions options) {
        return MappedOperation.start(
                it -> OpenConnection.openConnection(host, port, options, it), AsyncConnection::new);
    }

    /** Adopts a channel that is connected, by TCP or on a Unix socket. It belongs to the connection from now on. */
    @CheckReturnValue
    public static CompletableFuture<AsyncConnection> openConnection(SocketChannel channel) {
        return openConnection(channel, ConnectOptions.Default);
    }

    /** As {@link #openConnection(SocketChannel)}. */
    @CheckReturnValue
    public static CompletableFuture<AsyncConnection> openConnection(SocketChannel channel, ConnectOptions options) {
        return MappedOperation.start(it -> AdoptedChannelKt.openConnection(channel, options, it), AsyncConnection::new);
    }

    /** Connects to a Unix socket, on JDK 16 and later. */
    @CheckReturnValue
    public static CompletableFuture<AsyncConnection> openUnixConnection(Path path) {
        return openUnixConnection(path, ConnectOptions.Default);
    }

    /** As {@link #openUnixConnection(Path)}. */
    @CheckReturnValue
    public static CompletableFuture<AsyncConnection> openUnixConnection(Path path, ConnectOptions options) {
        return MappedOperation.start(
                it -> OpenUnixConnectionKt.openUnixConnection(path, options, it), AsyncConnection::new);
    }

    /** Listens on a port, 0 for one that is free, of a host's addresses; without a host on every interface. */
    @CheckReturnValue
    public static CompletableFuture<AsyncServer> startServer(
            @Nullable String host, int port, ConnectionHandler handler) {
        return startServer(host, port, handler, ServerOptions.Default);
    }

    /** As {@link #startServer(String, int, ConnectionHandler)}. */
    @CheckReturnValue
    public static CompletableFuture<AsyncServer> startServer(
            @Nullable String host, int port, ConnectionHandler handler, ServerOptions options) {
        return MappedOperation.start(
                it -> StartServer.startServer(host, port, options, Bridge.handling(handler), it), AsyncServer::new);
    }

    /** Listens on the same port, 0 for one that is free, of several hosts. */
    @CheckReturnValue
    public static CompletableFuture<AsyncServer> startServer(List<String> hosts, int port, ConnectionHandler handler) {
        return startServer(hosts, port, handler, ServerOptions.Default);
    }

    /** As {@link #startServer(List, int, ConnectionHandler)}. */
    @CheckReturnValue
    public static CompletableFuture<AsyncServer> startServer(
            List<String> hosts, int port, ConnectionHandler handler, ServerOptions options) {
        return MappedOperation.start(
                it -> StartServer.startServer(hosts, port, options, Bridge.handling(handler), it), AsyncServer::new);
    }

    /** Adopts a channel that listens. It belongs to the server from now on. */
    @CheckReturnValue
    public static CompletableFuture<AsyncServer> startServer(ServerSocketChannel channel, ConnectionHandler handler) {
        return startServer(channel, handler, ServerOptions.Default);
    }

    /** As {@link #startServer(ServerSocketChannel, ConnectionHandler)}. */
    @CheckReturnValue
    public static CompletableFuture<AsyncServer> startServer(
            ServerSocketChannel channel, ConnectionHandler handler, ServerOptions options) {
        return MappedOperation.start(
                it -> StartServer.startServer(channel, options, Bridge.handling(handler), it), AsyncServer::new);
    }

    /** Listens on a Unix socket, on JDK 16 and later. */
    @CheckReturnValue
    public static CompletableFuture<AsyncServer> startUnixServer(Path path, ConnectionHandler handler) {
        return startUnixServer(path, handler, ServerOptions.Default);
    }

    /** As {@link #startUnixServer(Path, ConnectionHandler)}. */
    @CheckReturnValue
    public static CompletableFuture<AsyncServer> startUnixServer(
            Path path, ConnectionHandler handler, ServerOptions options) {
        return MappedOperation.start(
                it -> StartUnixServerKt.startUnixServer(path, options, Bridge.handling(handler), it), AsyncServer::new);
    }

    /** Two connections that are each other's peer. */
    @CheckReturnValue
    public static CompletableFuture<Map.Entry<AsyncConnection, AsyncConnection>> connectedPair() {
        return MappedOperation.start(ConnectedPairKt::connectedPair, AsyncStreams::entry);
    }

    private static Map.Entry<AsyncConnection, AsyncConnection> entry(Pair<Connection, Connection> pair) {
        return Map.entry(new AsyncConnection(pair.getFirst()), new AsyncConnection(pair.getSecond()));
    }

    /**
     * Passes on what each of two connections sends to the other one, until both have ended; then both are closed. The end of one side's output is passed on by
     * itself, a lost connection as a reset. Cancelling it aborts both.
     */
    @CheckReturnValue
    public static CompletableFuture<RelayResult> relay(AsyncConnection first, AsyncConnection second) {
        return new Operation<RelayResult>().start(it -> Relay.relay(first.unwrap(), second.unwrap(), it));
    }

    /** Starts a process. Its arguments go to it as they are, through no shell. */
    @NotOnAndroid
    @CheckReturnValue
    public static CompletableFuture<AsyncProcess> startProcess(String... command) {
        return startProcess(List.of(command));
    }

    /** As {@link #startProcess(String...)}. */
    @NotOnAndroid
    @CheckReturnValue
    public static CompletableFuture<AsyncProcess> startProcess(List<String> command) {
        return startProcess(command, ProcessOptions.Default);
    }

    /** As {@link #startProcess(String...)}. */
    @NotOnAndroid
    @CheckReturnValue
    public static CompletableFuture<AsyncProcess> startProcess(List<String> command, ProcessOptions options) {
        return MappedOperation.start(it -> Processes.startProcess(command, options, it), AsyncProcess::new);
    }

    /** Makes a sandbox and starts its main command in it; without a command it has none, and is there for {@link AsyncSandbox#exec}. */
    @NotOnAndroid
    @CheckReturnValue
    public static CompletableFuture<AsyncSandbox> createSandbox(String... command) {
        return createSandbox(List.of(command));
    }

    /** As {@link #createSandbox(String...)}. */
    @NotOnAndroid
    @CheckReturnValue
    public static CompletableFuture<AsyncSandbox> createSandbox(List<String> command) {
        return createSandbox(command, SandboxOptions.Default);
    }

    /** As {@link #createSandbox(String...)}. */
    @NotOnAndroid
    @CheckReturnValue
    public static CompletableFuture<AsyncSandbox> createSandbox(List<String> command, SandboxOptions options) {
        return MappedOperation.start(it -> Sandbox.Companion.create(command, options, it), AsyncSandbox::new);
    }

    /** The Java twin of a reader that Kotlin code has made. */
    public static AsyncStreamReader of(StreamReader reader) {
        return new AsyncStreamReader(reader);
    }

    /** The Java twin of a writer that Kotlin code has made. */
    public static AsyncStreamWriter of(StreamWriter writer) {
        return new AsyncStreamWriter(writer);
    }

    /** The Java twin of a connection that Kotlin code has made. */
    public static AsyncConnection of(Connection connection) {
        return new AsyncConnection(connection);
    }

    /** The Java twin of a server that Kotlin code has made. */
    public static AsyncServer of(StreamServer server) {
        return new AsyncServer(server);
    }

    /** The Java twin of a process that Kotlin code has made. */
    @NotOnAndroid
    public static AsyncProcess of(StreamProcess process) {
        return new AsyncProcess(process);
    }

    /** The Java twin of a sandbox that Kotlin code has made. */
    @NotOnAndroid
    public static AsyncSandbox of(Sandbox sandbox) {
        return new AsyncSandbox(sandbox);
    }
}
