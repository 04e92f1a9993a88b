package dev.sluice.bench.echo;

import java.util.List;
import java.util.function.ToDoubleFunction;

/** One quantity in all rounds, sorted. */
record Figure(List<Double> rounds) {
    static Figure of(List<Measurement> measurements, ToDoubleFunction<Measurement> quantity) {
        return new Figure(
                measurements.stream().mapToDouble(quantity).sorted().boxed().toList());
    }

    double median() {
        int half = rounds.size() / 2;
        return rounds.size() % 2 == 1 ? rounds.get(half) : (rounds.get(half - 1) + rounds.get(half)) / 2;
    }

    /** From the lowest round to the highest, as a share of the median. */
    double spread() {
        return (rounds.get(rounds.size() - 1) - rounds.get(0)) / median();
    }
}
