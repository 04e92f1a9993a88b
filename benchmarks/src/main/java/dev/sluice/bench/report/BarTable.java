package dev.sluice.bench.report;

import dev.sluice.bench.bars.Bar;
import dev.sluice.bench.bars.Verdict;
import dev.sluice.bench.run.Results;
import dev.sluice.bench.run.Work;
import java.util.List;
import java.util.Locale;

/** Each bar, and how the run stands to it. */
final class BarTable {
    private BarTable() {}

    static Grid of(Results results) {
        var grid = new Grid(List.of("work", "figure", "of", "to", "ratio", "±", "bar", ""));
        for (Verdict verdict : Verdict.of(results)) {
            Bar bar = verdict.bar();
            Work work = results.work(bar.work()).orElseThrow();
            grid.add(List.of(
                    bar.work(),
                    bar.metric().title(work),
                    bar.ours(),
                    bar.theirs(),
                    decimals(verdict.ratio().median()),
                    decimals(verdict.ratio().quartileDistance()),
                    bar.condition(),
                    outcome(verdict)));
        }
        for (Bar bar : Verdict.undecided(results)) {
            Work work = results.work(bar.work()).orElseThrow();
            grid.add(List.of(
                    bar.work(),
                    bar.metric().title(work),
                    bar.ours(),
                    bar.theirs(),
                    "",
                    "",
                    bar.condition(),
                    "no figure"));
        }
        return grid;
    }

    private static String outcome(Verdict verdict) {
        String client = verdict.isLimitedByClient() ? ", client is the limit" : "";
        return (verdict.isReached() ? "reached" : "MISSED") + client;
    }

    private static String decimals(double value) {
        return String.format(Locale.ROOT, "%.3f", value);
    }
}
