package dev.sluice.bench.process;

import dev.sluice.bench.remote.Figure;
import java.util.ArrayList;
import java.util.List;

/** One peer at one work, in all counted rounds. */
record Result(String peer, Work work, List<Measurement> rounds) {
    Result(String peer, Work work) {
        this(peer, work, new ArrayList<>());
    }

    Figure rate() {
        return Figure.of(rounds, Measurement::rate);
    }

    Figure cpu() {
        return Figure.of(rounds, Measurement::cpuMicros);
    }

    Figure threads() {
        return Figure.of(rounds, Measurement::threads);
    }

    Figure heapKib() {
        return Figure.of(rounds, Measurement::heapKib);
    }

    String toJson() {
        return """
                    {"peer": "%s", "work": "%s", "unit": "%s",
                      "unitsPerSecond": %s,
                      "cpuMicros": %s,
                      "threads": %s,
                      "heapKib": %s}""".formatted(
                        peer,
                        work.option,
                        work.unit,
                        rate().toJson(),
                        cpu().toJson(),
                        threads().toJson(),
                        heapKib().toJson());
    }
}
