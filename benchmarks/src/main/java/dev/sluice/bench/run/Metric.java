package dev.sluice.bench.run;

/** What is measured of a peer at a work. */
public enum Metric {
    RATE("%ss/s", Comparison.SPEED),
    TIME("ms for a %s", Comparison.COST),
    MEDIAN("median, µs", Comparison.COST),
    P99("p99, µs", Comparison.COST),
    CPU("CPU, µs for a %s", Comparison.COST),
    ALLOCATED("bytes allocated for a %s", Comparison.COST),
    MEMORY("heap and direct bytes each", Comparison.COST),
    HEAP("heap bytes each", Comparison.NONE),
    DIRECT("direct bytes each", Comparison.NONE),
    SILENT("the same before its first message", Comparison.NONE),
    THREADS("threads", Comparison.NONE),
    RESIDENT("resident MiB", Comparison.NONE),
    SERVER_LOAD("server's core, %%", Comparison.NONE),
    CLIENT_LOAD("client's core, %%", Comparison.NONE);

    /** What a ratio of two figures says. */
    private enum Comparison {
        SPEED,
        COST,
        NONE
    }

    private final String title;
    private final Comparison comparison;

    Metric(String title, Comparison comparison) {
        this.title = title;
        this.comparison = comparison;
    }

    public String title(Work work) {
        return String.format(title, work.unit()).replace("MiBs/", "MiB/");
    }

    /** Whether a table shows the ratio of two peers. */
    public boolean isCompared() {
        return comparison != Comparison.NONE;
    }
}
