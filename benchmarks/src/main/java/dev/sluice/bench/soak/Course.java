package dev.sluice.bench.soak;

import java.util.List;

/** What one gauge showed from the beginning to the end, and whether that is a flat line. */
final class Course {
    private final Gauge gauge;
    private final List<Reading> readings;

    /** @param readings three at least */
    Course(Gauge gauge, List<Reading> readings) {
        this.gauge = gauge;
        this.readings = readings;
    }

    static String rule() {
        StringBuilder allowances = new StringBuilder();
        for (Gauge gauge : Gauge.values()) {
            allowances
                    .append(allowances.isEmpty() ? "" : ", ")
                    .append(gauge.title())
                    .append(' ')
                    .append(gauge.show(gauge.allowance()));
        }
        return "The first third is there to warm up. A line is flat if the median of the last third is above that of the second"
                + " by no more than\nthe allowance: " + allowances
                + ".\nAll is read after garbage collections, with every worker between two operations.";
    }

    double first() {
        return readings.get(0).value(gauge);
    }

    double last() {
        return readings.get(readings.size() - 1).value(gauge);
    }

    double median() {
        return median(readings);
    }

    double second() {
        return median(third(1));
    }

    double third() {
        return median(third(2));
    }

    double growth() {
        return third() - second();
    }

    boolean isFlat() {
        return growth() <= gauge.allowance();
    }

    /** By least squares over all that comes after the first third, in units of a minute. */
    double slope() {
        List<Reading> warm = readings.subList(readings.size() / 3, readings.size());
        double time = warm.stream().mapToDouble(Reading::seconds).average().orElse(0);
        double value = warm.stream()
                .mapToDouble(reading -> reading.value(gauge))
                .average()
                .orElse(0);
        double common = 0;
        double square = 0;
        for (Reading reading : warm) {
            common += (reading.seconds() - time) * (reading.value(gauge) - value);
            square += (reading.seconds() - time) * (reading.seconds() - time);
        }
        return square == 0 ? 0 : 60 * common / square;
    }

    private List<Reading> third(int index) {
        return readings.subList(index * readings.size() / 3, (index + 1) * readings.size() / 3);
    }

    private double median(List<Reading> some) {
        double[] sorted = some.stream()
                .mapToDouble(reading -> reading.value(gauge))
                .sorted()
                .toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
