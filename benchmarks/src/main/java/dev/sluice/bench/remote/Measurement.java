package dev.sluice.bench.remote;

/** One server for the duration of one round. */
public record Measurement(long nanos, double units, long serverCpuNanos, long clientCpuNanos) {
    public double rate() {
        return units * 1e9 / nanos;
    }

    double serverCpuMicros() {
        return serverCpuNanos / 1e3 / units;
    }

    double serverLoad() {
        return (double) serverCpuNanos / nanos;
    }

    /** The share of its core that the client used. Near 1 the client is the limit, and the rate says little of the server. */
    double clientLoad() {
        return (double) clientCpuNanos / nanos;
    }
}
