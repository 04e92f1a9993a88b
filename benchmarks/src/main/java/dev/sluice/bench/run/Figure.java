package dev.sluice.bench.run;

import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/** One quantity in all rounds, in their order. */
public record Figure(List<Double> rounds) {
    public double median() {
        return quantile(0.5);
    }

    public double lowest() {
        return Collections.min(rounds);
    }

    public double highest() {
        return Collections.max(rounds);
    }

    /** From the lowest round to the highest, as a share of the median. */
    public double spread() {
        return median() == 0 ? 0 : (highest() - lowest()) / median();
    }

    /** From the first quartile to the third: one bad round does not widen it. */
    public double quartileDistance() {
        return quantile(0.75) - quantile(0.25);
    }

    /** Round by round, because what disturbs one round disturbs both peers. */
    public Figure ratioTo(Figure other) {
        int common = Math.min(rounds.size(), other.rounds.size());
        return new Figure(IntStream.range(0, common)
                .mapToObj(round -> rounds.get(round) / other.rounds.get(round))
                .toList());
    }

    /** Not so of what was divided by nothing, or has another sign. */
    public boolean isRatio() {
        return median() > 0 && Double.isFinite(median());
    }

    private double quantile(double share) {
        List<Double> sorted = rounds.stream().sorted().toList();
        double place = share * (sorted.size() - 1);
        int below = (int) place;
        int above = Math.min(below + 1, sorted.size() - 1);
        return sorted.get(below) + (place - below) * (sorted.get(above) - sorted.get(below));
    }
}
