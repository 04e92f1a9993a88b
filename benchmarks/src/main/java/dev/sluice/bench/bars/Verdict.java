package dev.sluice.bench.bars;

import dev.sluice.bench.run.Figure;
import dev.sluice.bench.run.Metric;
import dev.sluice.bench.run.Results;
import dev.sluice.bench.run.Work;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How a run stands to a bar.
 *
 * @param ratio ours to theirs, round by round
 */
public record Verdict(Bar bar, Figure ratio, double clientLoad) {
    private static final double BUSY_PERCENT = 95;

    /** Of each bar both of whose figures the run has. */
    public static List<Verdict> of(Results results) {
        return Bars.ALL.stream().flatMap(bar -> judge(bar, results).stream()).toList();
    }

    /** Those of the measured works that the run has no ratio for: a peer does not run on this machine, or was not asked to. */
    public static List<Bar> undecided(Results results) {
        return Bars.ALL.stream()
                .filter(bar -> results.work(bar.work()).isPresent())
                .filter(bar -> judge(bar, results).isEmpty())
                .toList();
    }

    private static Optional<Verdict> judge(Bar bar, Results results) {
        return results.work(bar.work())
                .flatMap(work -> results.figure(work, bar.ours(), bar.metric())
                        .flatMap(ours ->
                                results.figure(work, bar.theirs(), bar.metric()).map(ours::ratioTo))
                        .filter(Figure::isRatio)
                        .map(ratio -> new Verdict(bar, ratio, clientLoad(work, bar.ours(), results))));
    }

    private static double clientLoad(Work work, String ours, Results results) {
        return results.figure(work, ours, Metric.CLIENT_LOAD)
                .map(Figure::median)
                .orElse(0.0);
    }

    /** Also when the median is on the wrong side, but no farther than the ratios of the rounds are from each other. */
    public boolean isReached() {
        return bar.isReachedBy(ratio.median(), ratio.quartileDistance());
    }

    /** A rate that the client's core limits is not that of the server. */
    public boolean isLimitedByClient() {
        return bar.metric() == Metric.RATE && clientLoad >= BUSY_PERCENT;
    }

    @Override
    public String toString() {
        String limit = isLimitedByClient() ? ", with the client's core as the limit" : "";
        return String.format(
                Locale.ROOT,
                "%s, %s of %s to %s: %.3f ±%.3f, bar %s%s",
                bar.work(),
                bar.metric().name().toLowerCase(Locale.ROOT),
                bar.ours(),
                bar.theirs(),
                ratio.median(),
                ratio.quartileDistance(),
                bar.condition(),
                limit);
    }

    /** One line for each bar that was missed. */
    public static Stream<String> missed(Results results) {
        return of(results).stream().filter(verdict -> !verdict.isReached()).map(Verdict::toString);
    }
}
