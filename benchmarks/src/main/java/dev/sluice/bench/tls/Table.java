package dev.sluice.bench.tls;

import java.util.List;
import java.util.Locale;

/** The results of one work, for people. */
final class Table {
    private static final String HEADER = "%-12s %14s %7s %6s %18s %7s %6s %7s %7s%n";
    private static final String ROW = "%-12s %,14.1f %6.1f%% %6.2f %,18.1f %6.1f%% %6.2f %6.0f%% %6.0f%%%n";

    private Table() {}

    static String of(List<Result> results) {
        Result first = results.get(0);
        Work work = first.work();
        var text = new StringBuilder();
        text.append(format("%n%s, connections: %d%n", work.title, first.connections()));
        text.append(format(
                HEADER,
                "",
                work.unit + "/s",
                "spread",
                "ratio",
                "CPU us/" + work.unit,
                "spread",
                "ratio",
                "server",
                "client"));
        for (Result result : results) {
            text.append(format(
                    ROW,
                    result.server(),
                    result.rate().median(),
                    100 * result.rate().spread(),
                    first.rate().median() / result.rate().median(),
                    result.cpu().median(),
                    100 * result.cpu().spread(),
                    first.cpu().median() / result.cpu().median(),
                    100 * result.serverLoad().median(),
                    100 * result.clientLoad().median()));
        }
        return text.toString();
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
