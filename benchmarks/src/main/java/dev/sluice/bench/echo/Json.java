package dev.sluice.bench.echo;

import dev.sluice.bench.remote.Launcher;
import java.util.List;
import java.util.stream.Collectors;

/** The results with all rounds, for programs. */
final class Json {
    private Json() {}

    static String of(Options options, Launcher launcher, List<Result> results) {
        return """
                {
                  %s,
                  "messageBytes": %d, "roundMillis": %d, "rounds": %d,
                  "results": [
                %s
                  ]
                }
                """.formatted(
                        launcher.toJson(),
                        PingPong.MESSAGE_BYTES,
                        options.rounds().millis(),
                        options.rounds().counted(),
                        results.stream().map(Json::result).collect(Collectors.joining(",\n")));
    }

    private static String result(Result result) {
        return """
                    {"server": "%s", "connections": %d,
                      "roundTripsPerSecond": %s,
                      "serverCpuMicros": %s,
                      "medianMicros": %s,
                      "p99Micros": %s,
                      "clientLoad": %s,
                      "latencyNanos": %s}""".formatted(
                        result.server(),
                        result.connections(),
                        result.rate().toJson(),
                        result.cpu().toJson(),
                        result.median().toJson(),
                        result.p99().toJson(),
                        result.clientLoad().toJson(),
                        result.latencies());
    }
}
