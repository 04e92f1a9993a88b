package dev.sluice.bench.echo;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The results with all rounds, for programs. */
final class Json {
    private Json() {}

    static String of(Options options, boolean pinned, List<Result> results) {
        return """
                {
                  "java": "%s", "os": "%s %s", "processors": %d, "pinned": %b, "jvmFlags": "%s",
                  "messageBytes": %d, "roundMillis": %d, "rounds": %d,
                  "results": [
                %s
                  ]
                }
                """.formatted(
                        Runtime.version(),
                        System.getProperty("os.name"),
                        System.getProperty("os.arch"),
                        Runtime.getRuntime().availableProcessors(),
                        pinned,
                        String.join(" ", Launcher.JVM_FLAGS),
                        PingPong.MESSAGE_BYTES,
                        options.millis(),
                        options.rounds(),
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
                        figure(result.rate()),
                        figure(result.cpu()),
                        figure(result.median()),
                        figure(result.p99()),
                        figure(result.clientLoad()),
                        result.latencies());
    }

    private static String figure(Figure figure) {
        return String.format(
                        Locale.ROOT,
                        "{\"median\": %.3f, \"spread\": %.4f, \"sorted\": [",
                        figure.median(),
                        figure.spread())
                + figure.rounds().stream()
                        .map(it -> String.format(Locale.ROOT, "%.3f", it))
                        .collect(Collectors.joining(", "))
                + "]}";
    }
}
