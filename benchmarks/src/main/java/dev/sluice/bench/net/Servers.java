package dev.sluice.bench.net;

import dev.sluice.bench.remote.Child;
import dev.sluice.bench.remote.Launcher;
import dev.sluice.bench.run.Peer;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The servers, by their names. */
final class Servers {
    /** Those that run in a JVM. */
    static final Map<String, Supplier<NetServer>> BY_NAME = Map.of(
            Peer.SLUICE, SluiceServer::new,
            Peer.SLUICE_JAVA, FacadeServer::new,
            Peer.NETTY_NIO, () -> new NettyServer(NettyListener.NIO),
            Peer.NETTY_EPOLL, () -> new NettyServer(NettyListener.EPOLL),
            Peer.KTOR, KtorServer::new,
            Peer.BLOCKING, BlockingServer::new);

    private static final List<String> PYTHON = List.of(Peer.ASYNCIO, Peer.UVLOOP);

    private Servers() {}

    static Child start(Launcher launcher, String name, Job job) throws IOException {
        return PYTHON.contains(name)
                ? launcher.python(name, "echo_server.py", name)
                : launcher.server(name, ServerMain.class, job.arguments(name));
    }
}
