package dev.sluice.bench.report;

import dev.sluice.bench.run.Figure;
import dev.sluice.bench.run.Metric;
import dev.sluice.bench.run.Results;
import dev.sluice.bench.run.Work;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** All rounds of all figures, for programs. */
final class Json {
    private Json() {}

    static String of(Results results, Map<String, String> facts) {
        String described = facts.entrySet().stream()
                .map(fact -> quote(fact.getKey()) + ": " + quote(fact.getValue()))
                .collect(Collectors.joining(",\n  "));
        String works = results.works().stream().map(work -> work(results, work)).collect(Collectors.joining(",\n    "));
        return "{\n  %s,\n  \"works\": [\n    %s\n  ]\n}\n".formatted(described, works);
    }

    private static String work(Results results, Work work) {
        String peers = results.peers(work).stream()
                .map(peer -> "%s: {\n          %s}".formatted(quote(peer), figures(results, work, peer)))
                .collect(Collectors.joining(",\n        "));
        return "{\"work\": %s, \"title\": %s, \"unit\": %s,\n      \"peers\": {\n        %s}}"
                .formatted(quote(work.name()), quote(work.title()), quote(work.unit()), peers);
    }

    private static String figures(Results results, Work work, String peer) {
        return results.metrics(work).stream()
                .flatMap(metric -> results.figure(work, peer, metric).stream().map(figure -> figure(metric, figure)))
                .collect(Collectors.joining(",\n          "));
    }

    private static String figure(Metric metric, Figure figure) {
        String rounds = figure.rounds().stream().map(Json::number).collect(Collectors.joining(", "));
        return "%s: {\"median\": %s, \"spread\": %s, \"rounds\": [%s]}"
                .formatted(
                        quote(metric.name().toLowerCase(Locale.ROOT)),
                        number(figure.median()),
                        number(figure.spread()),
                        rounds);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }

    private static String quote(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
