package dev.sluice.bench.net;

import dev.sluice.bench.remote.Child;
import dev.sluice.bench.remote.Memory;
import java.io.IOException;
import java.util.Map;

/** What a server holds at one moment, in bytes. */
record Footprint(long heap, long direct, Map<String, long[]> classes) {
    static Footprint of(Child server) throws IOException {
        server.send("memory");
        String[] memory = server.expect("memory").split(" ");
        server.send("classes");
        return new Footprint(
                Long.parseLong(memory[0]), Long.parseLong(memory[1]), Memory.parse(server.expect("classes")));
    }
}
