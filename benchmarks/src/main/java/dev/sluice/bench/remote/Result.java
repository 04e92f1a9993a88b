package dev.sluice.bench.remote;

import java.util.ArrayList;
import java.util.List;

/**
 * One server at one work, in all counted rounds.
 *
 * @param unit what the work is counted in
 */
public record Result(String server, String work, String unit, List<Measurement> rounds) {
    public Result(String server, String work, String unit) {
        this(server, work, unit, new ArrayList<>());
    }

    public Figure rate() {
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

    public String toJson() {
        return """
                    {"server": "%s", "work": "%s", "unit": "%s",
                      "unitsPerSecond": %s,
                      "serverCpuMicros": %s,
                      "serverLoad": %s,
                      "clientLoad": %s}""".formatted(
                        server,
                        work,
                        unit,
                        rate().toJson(),
                        cpu().toJson(),
                        serverLoad().toJson(),
                        clientLoad().toJson());
    }
}
