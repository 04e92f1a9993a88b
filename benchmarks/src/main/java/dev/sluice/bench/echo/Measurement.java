package dev.sluice.bench.echo;

/** One server for the duration of one round. */
record Measurement(long nanos, long serverCpuNanos, long clientCpuNanos, Histogram latencies) {
    double roundTripsPerSecond() {
        return latencies.total() * 1e9 / nanos;
    }

    double serverCpuMicros() {
        return serverCpuNanos / 1e3 / latencies.total();
    }

    double medianMicros() {
        return latencies.quantile(0.5) / 1e3;
    }

    double p99Micros() {
        return latencies.quantile(0.99) / 1e3;
    }

    /** The share of its core that the client used. Near 1 the client is the limit, and the rate says little of the server. */
    double clientLoad() {
        return (double) clientCpuNanos / nanos;
    }
}
