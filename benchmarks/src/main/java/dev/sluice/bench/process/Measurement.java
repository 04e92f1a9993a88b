package dev.sluice.bench.process;

/** One peer for the duration of one round; its children's processor time is not in its own. */
record Measurement(long nanos, long units, long threads, long heapKib, long cpuNanos) {
    double rate() {
        return units * 1e9 / nanos;
    }

    double cpuMicros() {
        return cpuNanos / 1e3 / units;
    }
}
