package dev.sluice.bench.echo;

import java.util.Arrays;

/** Counts of durations in buckets that are each at most a thirty-second of their value wide. */
final class Histogram {
    private static final int BITS = 5;
    private static final int PARTS = 1 << BITS;

    private final long[] counts = new long[(Long.SIZE - BITS) * PARTS];
    private long total;

    void add(long nanos) {
        counts[bucket(nanos)]++;
        total++;
    }

    void addAll(Histogram other) {
        for (int i = 0; i < counts.length; i++) {
            counts[i] += other.counts[i];
        }
        total += other.total;
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

    /** The buckets that hold something, each as {@code [its end, its count]}: what a line between processes and JSON can hold. */
    @Override
    public String toString() {
        var text = new StringBuilder("[");
        for (int i = 0; i < counts.length; i++) {
            if (counts[i] > 0) {
                text.append(text.length() > 1 ? ",[" : "[")
                        .append(end(i))
                        .append(',')
                        .append(counts[i])
                        .append(']');
            }
        }
        return text.append(']').toString();
    }

    static Histogram parse(String text) {
        var histogram = new Histogram();
        String[] numbers = text.replaceAll("[\\[\\]]", "").split(",");
        for (int i = 0; i + 1 < numbers.length; i += 2) {
            long count = Long.parseLong(numbers[i + 1]);
            histogram.counts[bucket(Long.parseLong(numbers[i]))] += count;
            histogram.total += count;
        }
        return histogram;
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
