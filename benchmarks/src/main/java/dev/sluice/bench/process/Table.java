package dev.sluice.bench.process;

import java.util.List;
import java.util.Locale;

/** The results of one work, for people. */
final class Table {
    private static final String HEADER = "%-12s %14s %7s %6s %18s %7s %6s %8s %9s%n";
    private static final String ROW = "%-12s %,14.1f %6.1f%% %6.2f %,18.1f %6.1f%% %6.2f %8.0f %,9.0f%n";

    private Table() {}

    static String of(List<Result> results) {
        Result first = results.get(0);
        Work work = first.work();
        var text = new StringBuilder(format("%n%s%n", work.title));
        text.append(format(
                HEADER,
                "",
                work.unit + "/s",
                "spread",
                "ratio",
                "CPU us/" + work.unit,
                "spread",
                "ratio",
                "threads",
                "heap KiB"));
        for (Result result : results) {
            text.append(format(
                    ROW,
                    result.peer(),
                    result.rate().median(),
                    100 * result.rate().spread(),
                    first.rate().median() / result.rate().median(),
                    result.cpu().median(),
                    100 * result.cpu().spread(),
                    first.cpu().median() / result.cpu().median(),
                    result.threads().median(),
                    result.heapKib().median()));
        }
        return text.toString();
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
