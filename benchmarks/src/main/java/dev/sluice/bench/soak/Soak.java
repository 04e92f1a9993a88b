package dev.sluice.bench.soak;

import dev.sluice.bench.report.Grid;
import dev.sluice.testing.NoLeaks;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import javax.management.JMException;

/** Keeps this JVM busy with all that the library does, and looks whether anything grows. */
public final class Soak {
    private static final int READINGS = 24;
    private static final double SHORTEST_PAUSE = 5;
    private static final double LONGEST_PAUSE = 60;

    private final double duration;
    private final double pause;
    private final long start = System.nanoTime();
    private final List<Reading> readings = new ArrayList<>();

    /** When the first third was over. */
    private Map<String, Long> warmObjects = Map.of();

    /** @param minutes at least one, so that each third has enough readings */
    public Soak(double minutes) {
        if (!(minutes >= 1)) {
            throw new IllegalArgumentException("--minutes is at least 1, and not " + minutes);
        }
        duration = 60 * minutes;
        pause = Math.min(LONGEST_PAUSE, Math.max(SHORTEST_PAUSE, duration / READINGS));
    }

    /** Whether every line was flat, and every operation came to what it must. */
    public boolean run() throws Exception {
        // That a task has held up a loop on a busy machine is no news here.
        System.setProperty("org.slf4j.simpleLogger.log.dev.sluice.net.EventLoop", "error");
        long seed = System.currentTimeMillis();
        System.err.printf(Locale.ROOT, "soak for %.0f s, a reading every %.0f s, seed %d%n", duration, pause, seed);
        try (var load = new Load(seed)) {
            for (int reading = 1; reading * pause <= duration; reading++) {
                waitUntil(reading * pause, load);
                load.atRest(() -> read(load));
                load.check();
            }
            print(load);
            printGrowth();
        } catch (WrongResult e) {
            System.out.println("\nFAILED, after " + Math.round(seconds()) + " s: " + e.getMessage());
            e.printStackTrace(System.out);
            return false;
        }
        return verdict();
    }

    private void waitUntil(double when, Load load) throws Exception {
        while (seconds() < when) {
            Thread.sleep(100);
            load.check();
        }
    }

    private double seconds() {
        return (System.nanoTime() - start) / 1e9;
    }

    private void read(Load load) {
        try {
            readings.add(Reading.take(seconds(), load.total()));
            if (warmObjects.isEmpty() && seconds() > duration / 3) {
                warmObjects = OwnObjects.counts();
            }
        } catch (Exception e) {
            throw new IllegalStateException("a gauge can't be read", e);
        }
        Reading last = readings.get(readings.size() - 1);
        var line = new StringBuilder();
        for (Gauge gauge : Gauge.values()) {
            line.append(", ").append(gauge.title()).append(' ').append(gauge.show(last.value(gauge)));
        }
        System.err.printf(
                Locale.ROOT, "[%.0f of %.0f s] %d operations%s%n", last.seconds(), duration, last.operations(), line);
    }

    private void print(Load load) {
        var operations = new Grid(List.of("operation", "times"));
        load.done().forEach((name, times) -> operations.add(List.of(name, Long.toString(times))));
        System.out.printf("%n%s%n", operations.text());
        var lines = new Grid(List.of(
                "", "first", "median", "last", "a minute", "second third", "last third", "allowance", "verdict"));
        for (Gauge gauge : Gauge.values()) {
            Course course = course(gauge);
            List<String> numbers = Stream.of(
                            course.first(),
                            course.median(),
                            course.last(),
                            course.slope(),
                            course.second(),
                            course.third(),
                            (double) gauge.allowance())
                    .map(gauge::show)
                    .toList();
            var row = new ArrayList<>(List.of(gauge.title()));
            row.addAll(numbers);
            row.add(course.isFlat() ? "flat" : "GREW");
            lines.add(row);
        }
        long least =
                load.done().values().stream().mapToLong(Long::longValue).min().orElse(0);
        System.out.printf(
                "%s%n%s%nIn a third of the time each operation was done at least %d times.%n",
                lines.text(), Course.rule(), least / 3);
    }

    /** For whoever looks for a leak. */
    private void printGrowth() throws JMException {
        System.out.println("Objects that have become more since the first third: "
                + OwnObjects.growth(warmObjects, OwnObjects.counts()));
    }

    private Course course(Gauge gauge) {
        return new Course(gauge, readings);
    }

    private boolean verdict() {
        List<String> grown = Stream.of(Gauge.values())
                .filter(gauge -> !course(gauge).isFlat())
                .map(gauge ->
                        gauge.title() + " grew by " + gauge.show(course(gauge).growth()))
                .toList();
        String forgotten = forgotten();
        if (!grown.isEmpty() || !forgotten.isEmpty()) {
            System.out.println("FAILED: " + String.join(", ", grown) + forgotten);
            return false;
        }
        Reading last = readings.get(readings.size() - 1);
        System.out.printf(
                Locale.ROOT,
                "flat lines over %d operations in %.0f s; every byte came back%n",
                last.operations(),
                last.seconds());
        return true;
    }

    /** Connections that were collected instead of closed: no line shows them. */
    private static String forgotten() {
        try {
            NoLeaks.checkNoLeaks();
            return "";
        } catch (AssertionError e) {
            return "\n" + e.getMessage();
        }
    }
}
