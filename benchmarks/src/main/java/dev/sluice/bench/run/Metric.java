package dev.sluice.bench.run;

/** What is measured of a peer at a work. */
public enum Metric {
    RATE("%ss/s", true),
    TIME("ms for a %s", true),
    MEDIAN("median, µs", true),
    P99("p99, µs", true),
    CPU("CPU, µs for a %s", true),
    ALLOCATED("bytes allocated for a %s", true),
    MEMORY("heap and direct bytes each", true),
    HEAP("heap bytes each", false),
    DIRECT("direct bytes each", false),
    SILENT("the same before its first message", false),
    THREADS("threads", false),
    RESIDENT("resident MiB", false),
    SERVER_LOAD("server's core, %%", false),
    CLIENT_LOAD("client's core, %%", false);

    private final String title;
    private final boolean isCompared;

    Metric(String title, boolean isCompared) {
        this.title = title;
        this.isCompared = isCompared;
    }

    public String title(Work work) {
        return String.format(title, work.unit()).replace("MiBs/", "MiB/");
    }

    /** Whether a table shows the ratio of two peers. */
    public boolean isCompared() {
        return isCompared;
    }
}
