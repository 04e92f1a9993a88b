package dev.sluice.bench.remote;

import java.util.List;
import java.util.Locale;

/** The results of one work, for people. */
public final class Table {
    private static final String HEADER = "%-12s %14s %7s %6s %18s %7s %6s %7s %7s%n";
    private static final String ROW = "%-12s %,14.1f %6.1f%% %6.2f %,18.1f %6.1f%% %6.2f %6.0f%% %6.0f%%%n";

    private Table() {}

    public static String of(List<Result> results) {
        Result first = results.get(0);
        var text = new StringBuilder(format("%n%s%n", first.work()));
        text.append(format(
                HEADER,
                "",
                first.unit() + "/s",
                "spread",
                "ratio",
                "CPU us/" + first.unit(),
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
