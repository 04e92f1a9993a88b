package dev.sluice.bench.net;

import java.util.Locale;
import java.util.Map;

/** What the objects of each class take for one connection. */
record ClassTable(String beginning, int connections) {
    private static final String ROW = "%-80s %8.2f %,10.0f%n";

    String of(Map<String, long[]> before, Map<String, long[]> now) {
        var text = new StringBuilder(String.format(
                Locale.ROOT, "%n%-80s %8s %10s%n", beginning + "*, for each connection", "objects", "bytes"));
        double objects = 0;
        double bytes = 0;
        for (var entry : now.entrySet()) {
            if (!entry.getKey().startsWith(beginning)) {
                continue;
            }
            long[] old = before.getOrDefault(entry.getKey(), new long[2]);
            double moreObjects = (double) (entry.getValue()[0] - old[0]) / connections;
            double moreBytes = (double) (entry.getValue()[1] - old[1]) / connections;
            objects += moreObjects;
            bytes += moreBytes;
            if (moreBytes >= 1) {
                text.append(String.format(Locale.ROOT, ROW, "  " + entry.getKey(), moreObjects, moreBytes));
            }
        }
        return text.append(String.format(Locale.ROOT, ROW, "  all", objects, bytes))
                .toString();
    }
}
