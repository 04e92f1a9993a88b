package dev.sluice.bench.remote;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** One quantity in all rounds, sorted. */
public record Figure(List<Double> rounds) {
    public static <T> Figure of(List<T> measurements, ToDoubleFunction<T> quantity) {
        return new Figure(
                measurements.stream().mapToDouble(quantity).sorted().boxed().toList());
    }

    public double median() {
        int half = rounds.size() / 2;
        return rounds.size() % 2 == 1 ? rounds.get(half) : (rounds.get(half - 1) + rounds.get(half)) / 2;
    }

    /** From the lowest round to the highest, as a share of the median. */
    public double spread() {
        return (rounds.get(rounds.size() - 1) - rounds.get(0)) / median();
    }

    public String toJson() {
        return String.format(Locale.ROOT, "{\"median\": %.3f, \"spread\": %.4f, \"sorted\": [", median(), spread())
                + rounds.stream()
                        .map(it -> String.format(Locale.ROOT, "%.3f", it))
                        .collect(Collectors.joining(", "))
                + "]}";
    }
}
