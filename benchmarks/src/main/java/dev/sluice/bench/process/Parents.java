package dev.sluice.bench.process;

import dev.sluice.bench.run.Peer;
import java.util.Map;
import java.util.function.Supplier;

/** By the names of the peers. */
final class Parents {
    static final Map<String, Supplier<Parent>> BY_NAME = Map.of(
            Peer.SLUICE, SluiceParent::new,
            Peer.BLOCKING, BlockingParent::new,
            Peer.NUPROCESS, NuParent::new);

    private Parents() {}
}
