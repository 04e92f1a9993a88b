package dev.sluice.bench.tls;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The servers, by the names that options and tables have for them. The first is compared with the others. */
final class Servers {
    static final Map<String, Supplier<TlsServer>> BY_NAME = new LinkedHashMap<>();

    static {
        BY_NAME.put("sluice", SluiceServer::new);
        BY_NAME.put("netty-nio", NettyServer::new);
    }

    private Servers() {}

    static List<String> names() {
        return List.copyOf(BY_NAME.keySet());
    }
}
