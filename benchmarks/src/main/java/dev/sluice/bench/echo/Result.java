package dev.sluice.bench.echo;

import dev.sluice.bench.remote.Figure;
import java.util.ArrayList;
import java.util.List;

/** One server over one number of connections, in all counted rounds. */
record Result(String server, int connections, List<Measurement> rounds) {
    Result(String server, int connections) {
        this(server, connections, new ArrayList<>());
    }

    Figure rate() {
        return Figure.of(rounds, Measurement::roundTripsPerSecond);
    }

    Figure cpu() {
        return Figure.of(rounds, Measurement::serverCpuMicros);
    }

    Figure median() {
        return Figure.of(rounds, Measurement::medianMicros);
    }

    Figure p99() {
        return Figure.of(rounds, Measurement::p99Micros);
    }

    Figure clientLoad() {
        return Figure.of(rounds, Measurement::clientLoad);
    }

    Histogram latencies() {
        var all = new Histogram();
        for (Measurement round : rounds) {
            all.addAll(round.latencies());
        }
        return all;
    }
}
