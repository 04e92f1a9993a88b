package dev.sluice.bench.bars;

import dev.sluice.bench.run.Metric;
import dev.sluice.bench.run.Peer;

/**
 * What our figure is to be, in relation to a peer's in the same run.
 *
 * @param limit of our figure divided by theirs
 */
public record Bar(String work, Metric metric, String ours, String theirs, Side better, double limit) {
    /** On which side of its limit a ratio is better. */
    public enum Side {
        ABOVE("≥"),
        BELOW("≤");

        private final String sign;

        Side(String sign) {
            this.sign = sign;
        }
    }

    static Bar atLeast(double limit, String work, Metric metric, String theirs) {
        return new Bar(work, metric, Peer.SLUICE, theirs, Side.ABOVE, limit);
    }

    static Bar atMost(double limit, String work, Metric metric, String theirs) {
        return new Bar(work, metric, Peer.SLUICE, theirs, Side.BELOW, limit);
    }

    Bar of(String peer) {
        return new Bar(work, metric, peer, theirs, better, limit);
    }

    public String condition() {
        return better.sign + " " + limit;
    }

    /** @param slack how far a ratio may be on the wrong side */
    boolean isReachedBy(double ratio, double slack) {
        return better == Side.ABOVE ? ratio + slack >= limit : ratio - slack <= limit;
    }
}
