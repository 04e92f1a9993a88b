package dev.sluice.bench.soak;

import java.util.EnumMap;
import java.util.Map;

/** What all gauges showed at one time, when so many operations had been done. */
record Reading(double seconds, long operations, Map<Gauge, Long> values) {
    static Reading take(double seconds, long operations) throws Exception {
        Map<Gauge, Long> values = new EnumMap<>(Gauge.class);
        for (Gauge gauge : Gauge.values()) {
            values.put(gauge, gauge.read());
        }
        return new Reading(seconds, operations, values);
    }

    long value(Gauge gauge) {
        return values.get(gauge);
    }
}
