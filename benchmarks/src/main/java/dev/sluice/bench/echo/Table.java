package dev.sluice.bench.echo;

import java.util.List;
import java.util.Locale;

/** The results over one number of connections, for people. */
final class Table {
    private static final String HEADER = "%-12s %14s %7s %6s %18s %7s %6s %8s %8s %7s%n";
    private static final String ROW = "%-12s %,14.0f %6.1f%% %6.2f %18.2f %6.1f%% %6.2f %8s %8s %6.0f%%%n";

    private Table() {}

    static String of(List<Result> results) {
        Result first = results.get(0);
        var text = new StringBuilder();
        text.append(format("%nConnections: %d%n", first.connections()));
        text.append(format(
                HEADER,
                "",
                "round trips/s",
                "spread",
                "ratio",
                "CPU us/round trip",
                "spread",
                "ratio",
                "p50 us",
                "p99 us",
                "client"));
        for (Result result : results) {
            // A latency over many connections is mostly the time that a message waits for the others.
            boolean alone = result.connections() == 1;
            text.append(format(
                    ROW,
                    result.server(),
                    result.rate().median(),
                    100 * result.rate().spread(),
                    first.rate().median() / result.rate().median(),
                    result.cpu().median(),
                    100 * result.cpu().spread(),
                    first.cpu().median() / result.cpu().median(),
                    alone ? format("%.1f", result.median().median()) : "",
                    alone ? format("%.1f", result.p99().median()) : "",
                    100 * result.clientLoad().median()));
        }
        return text.toString();
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
