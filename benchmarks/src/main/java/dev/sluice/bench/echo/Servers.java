package dev.sluice.bench.echo;

import dev.sluice.bench.remote.Child;
import dev.sluice.bench.remote.Launcher;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The servers, by the names that options and tables have for them. */
final class Servers {
    /** Those that run in a JVM. The first is compared with the others. */
    static final Map<String, Supplier<EchoServer>> BY_NAME = new LinkedHashMap<>();

    static {
        BY_NAME.put("sluice", SluiceServer::new);
        BY_NAME.put("sluice-java", FacadeServer::new);
        BY_NAME.put("netty-nio", NettyServer::nio);
        BY_NAME.put("netty-epoll", NettyServer::epoll);
        BY_NAME.put("ktor", KtorServer::new);
        BY_NAME.put("blocking", BlockingServer::new);
    }

    private static final List<String> PYTHON = List.of("asyncio", "uvloop");
    private static final Path SCRIPT =
            Path.of(System.getProperty("benchmarks.home", ""), "src/main/python/echo_server.py");

    private Servers() {}

    /** All there are, in the order of the tables. */
    static List<String> names() {
        var names = new ArrayList<>(BY_NAME.keySet());
        names.addAll(PYTHON);
        return names;
    }

    static Child start(Launcher launcher, String name) throws IOException {
        return PYTHON.contains(name)
                ? launcher.server(name, List.of("python3", SCRIPT.toString(), name))
                : launcher.server(name, ServerMain.class, name);
    }
}
