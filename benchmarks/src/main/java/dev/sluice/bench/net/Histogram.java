package dev.sluice.bench.net;

import java.util.Arrays;

/** Counts of durations in buckets that are each at most a 256th of their value wide. */
final class Histogram {
    private static final int BITS = 8;
    private static final int PARTS = 1 << BITS;

    private final long[] counts = new long[(Long.SIZE - BITS) * PARTS];
    private long total;

    void add(long nanos) {
        counts[bucket(nanos)]++;
        total++;
    }

    void clear() {
        Arrays.fill(counts, 0);
        total = 0;
    }

    long total() {
        return total;
    }

    /** The end of the bucket below which this share of the durations is. */
    long quantile(double share) {
        long rest = (long) Math.ceil(share * total);
        int bucket = 0;
        while (rest > counts[bucket]) {
            rest -= counts[bucket++];
        }
        return end(bucket);
    }

    private static int bucket(long nanos) {
        if (nanos < PARTS) {
            return (int) Math.max(0, nanos);
        }
        int shift = Long.SIZE - 1 - BITS - Long.numberOfLeadingZeros(nanos);
        return shift * PARTS + (int) (nanos >>> shift);
    }

    private static long end(int bucket) {
        if (bucket < 2 * PARTS) {
            return bucket;
        }
        int shift = bucket / PARTS - 1;
        return ((long) (bucket - shift * PARTS + 1) << shift) - 1;
    }
}
