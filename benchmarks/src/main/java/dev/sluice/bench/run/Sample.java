package dev.sluice.bench.run;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/** What one round of one peer gave. */
public final class Sample {
    private final Map<Metric, Double> values = new EnumMap<>(Metric.class);

    public Sample with(Metric metric, double value) {
        values.put(metric, value);
        return this;
    }

    public Map<Metric, Double> values() {
        return Collections.unmodifiableMap(values);
    }
}
