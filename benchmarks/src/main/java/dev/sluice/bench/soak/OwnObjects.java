package dev.sluice.bench.soak;

import dev.sluice.bench.remote.Memory;
import java.util.Map;
import java.util.TreeMap;
import javax.management.JMException;

/** The living objects of the library. */
final class OwnObjects {
    private OwnObjects() {}

    /** By class. */
    static Map<String, Long> counts() throws JMException {
        Map<String, Long> counts = new TreeMap<>();
        Memory.parse(Memory.classes()).forEach((name, countAndBytes) -> {
            if (name.startsWith("dev.sluice.") && !name.startsWith("dev.sluice.bench.")) {
                counts.put(name, countAndBytes[0]);
            }
        });
        return counts;
    }

    /** What has become more, and by how much. */
    static Map<String, Long> growth(Map<String, Long> before, Map<String, Long> after) {
        Map<String, Long> growth = new TreeMap<>();
        after.forEach((name, count) -> {
            long more = count - before.getOrDefault(name, 0L);
            if (more > 0) {
                growth.put(name, more);
            }
        });
        return growth;
    }
}
