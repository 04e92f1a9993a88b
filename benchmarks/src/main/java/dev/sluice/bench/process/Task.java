package dev.sluice.bench.process;

import dev.sluice.bench.run.Metric;
import dev.sluice.bench.run.Sample;

/** What is done with child processes. */
enum Task {
    CAT("cat", "1 GiB in and out through cat", "MiB", 1, 0.5),
    START("start", "start a process, read its line, await its end", "process", 1, 0) {
        @Override
        Sample sample(double nanos, double cpuMicros) {
            return new Sample().with(Metric.TIME, nanos / 1e6).with(Metric.CPU, cpuMicros);
        }
    },
    MANY("many", "1,000 children alive, each echoes a line on request", "line", 1000, 4);

    final String name;
    final String title;
    final String unit;

    /** How many live at the same time. */
    final int children;

    /** How much longer than it should a round lasts, roughly: a unit is never cut. */
    final double moreSeconds;

    Task(String name, String title, String unit, int children, double moreSeconds) {
        this.name = name;
        this.title = title;
        this.unit = unit;
        this.children = children;
        this.moreSeconds = moreSeconds;
    }

    /** For one unit. */
    Sample sample(double nanos, double cpuMicros) {
        return new Sample().with(Metric.RATE, 1e9 / nanos).with(Metric.CPU, cpuMicros);
    }
}
