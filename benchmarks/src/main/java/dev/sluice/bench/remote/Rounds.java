package dev.sluice.bench.remote;

import java.io.IOException;
import java.util.List;

/** How often and for how long everything is measured. */
public record Rounds(int warmups, int counted, long millis) {
    /** @param warmups how many rounds to throw away, unless it has to be quick */
    public static Rounds of(Arguments arguments, int warmups) {
        boolean quick = arguments.quick();
        double seconds = Double.parseDouble(arguments.get("--seconds", quick ? "0.5" : "3"));
        return new Rounds(quick ? 1 : warmups, arguments.number("--rounds", quick ? 1 : 5), Math.round(seconds * 1000));
    }

    /** All of them in turn, round by round, so that a slow minute of the machine hits all. */
    public <T> void run(List<T> candidates, Step<T> step) throws IOException {
        for (int round = 1 - warmups; round <= counted; round++) {
            for (T candidate : candidates) {
                step.measure(candidate, round > 0 ? "round " + round + " of " + counted : "warm-up", round > 0);
            }
        }
    }

    /** One candidate in one round, which counts or is a warm-up. */
    public interface Step<T> {
        void measure(T candidate, String title, boolean counts) throws IOException;
    }

    public double seconds() {
        return millis / 1000.0;
    }
}
