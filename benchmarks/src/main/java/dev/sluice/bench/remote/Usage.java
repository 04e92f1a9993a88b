package dev.sluice.bench.remote;

import dev.sluice.bench.run.Metric;
import dev.sluice.bench.run.Sample;
import java.util.List;

/**
 * What the client said at the end of a measurement, and the processor time of both sides in it.
 *
 * @param end the words that followed {@code end}: the nanoseconds, the amount, and whatever else
 */
public record Usage(List<String> end, long serverCpuNanos, long clientCpuNanos) {
    public Sample sample(double unitsPerAmount) {
        double nanos = Double.parseDouble(end.get(0));
        double units = Double.parseDouble(end.get(1)) * unitsPerAmount;
        var sample = new Sample().with(Metric.RATE, units * 1e9 / nanos);
        if (serverCpuNanos > 0) {
            sample.with(Metric.CPU, serverCpuNanos / 1e3 / units)
                    .with(Metric.SERVER_LOAD, 100 * serverCpuNanos / nanos);
        }
        return sample.with(Metric.CLIENT_LOAD, 100 * clientCpuNanos / nanos);
    }
}
