package dev.sluice.bench.process;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** By the names that options and tables have for them. The first is compared with the others. */
final class Peers {
    static final Map<String, Supplier<Peer>> BY_NAME = new LinkedHashMap<>();

    static {
        BY_NAME.put("sluice", SluicePeer::new);
        BY_NAME.put("blocking", BlockingPeer::new);
        BY_NAME.put("nuprocess", NuPeer::new);
    }

    private Peers() {}

    static List<String> names() {
        return List.copyOf(BY_NAME.keySet());
    }
}
