package dev.sluice.bench.run;

import java.util.List;
import java.util.Set;

/**
 * How a run measures.
 *
 * @param only the peers that take part; all, when it is empty
 * @param connections over how many to echo; what suits each work, when it is empty
 * @param classes what the living objects of idle connections are listed for: the beginning of their names; nothing is listed, when it is
 *     empty
 */
public record Settings(
        boolean isQuick,
        boolean pins,
        int rounds,
        long millis,
        Set<String> only,
        List<Integer> connections,
        String classes) {
    /** Of rounds that are thrown away. */
    public int warmups(int wanted) {
        return isQuick ? Math.min(1, wanted) : wanted;
    }

    public double seconds() {
        return millis / 1000.0;
    }

    public List<String> among(List<String> peers) {
        return only.isEmpty() ? peers : peers.stream().filter(only::contains).toList();
    }
}
