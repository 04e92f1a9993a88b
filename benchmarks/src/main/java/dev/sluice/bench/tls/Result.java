package dev.sluice.bench.tls;

import dev.sluice.bench.remote.Figure;
import java.util.ArrayList;
import java.util.List;

/** One server at one work, in all counted rounds. */
record Result(String server, Work work, int connections, List<Measurement> rounds) {
    Result(String server, Work work, int connections) {
        this(server, work, connections, new ArrayList<>());
    }

    Figure rate() {
        return Figure.of(rounds, Measurement::rate);
    }

    Figure cpu() {
        return Figure.of(rounds, Measurement::serverCpuMicros);
    }

    Figure serverLoad() {
        return Figure.of(rounds, Measurement::serverLoad);
    }

    Figure clientLoad() {
        return Figure.of(rounds, Measurement::clientLoad);
    }

    String toJson() {
        return """
                    {"server": "%s", "work": "%s", "connections": %d, "unit": "%s",
                      "unitsPerSecond": %s,
                      "serverCpuMicros": %s,
                      "serverLoad": %s,
                      "clientLoad": %s}""".formatted(
                        server,
                        work.option,
                        connections,
                        work.unit,
                        rate().toJson(),
                        cpu().toJson(),
                        serverLoad().toJson(),
                        clientLoad().toJson());
    }
}
