package dev.sluice.bench.echo;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** The servers that run in a JVM, by the names that options and tables have for them. The first is compared with the others. */
final class Servers {
    static final Map<String, Supplier<EchoServer>> BY_NAME = new LinkedHashMap<>();

    static {
        BY_NAME.put("sluice", SluiceServer::new);
        BY_NAME.put("netty-nio", NettyServer::nio);
        BY_NAME.put("netty-epoll", NettyServer::epoll);
        BY_NAME.put("ktor", KtorServer::new);
        BY_NAME.put("blocking", BlockingServer::new);
    }

    private Servers() {}
}
