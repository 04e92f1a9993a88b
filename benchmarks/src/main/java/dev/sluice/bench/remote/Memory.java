package dev.sluice.bench.remote;

import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.management.JMException;
import javax.management.ObjectName;

/** What this JVM holds, in bytes. */
public final class Memory {
    private static final Pattern ENTRY = Pattern.compile("(\\S+)=(\\d+)/(\\d+)");

    private Memory() {}

    /** The heap that is in use after several collections: what cleaners let go is free only after the next one. */
    public static long heap() throws InterruptedException {
        for (int i = 0; i < 4; i++) {
            System.gc();
            Thread.sleep(100);
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    /** The JDK's direct buffers. */
    public static long direct() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }

    /** What the living objects of each class take together, as {@code name=count/bytes} with spaces between. */
    public static String classes() throws JMException {
        String[] none = {};
        String histogram = (String) ManagementFactory.getPlatformMBeanServer()
                .invoke(
                        new ObjectName("com.sun.management:type=DiagnosticCommand"),
                        "gcClassHistogram",
                        new Object[] {none},
                        new String[] {String[].class.getName()});
        return histogram
                .lines()
                .map(line -> line.strip().split("\\s+"))
                .filter(columns -> columns[0].matches("\\d+:"))
                .map(columns -> columns[3] + "=" + columns[1] + "/" + columns[2])
                .collect(Collectors.joining(" "));
    }

    /** What {@link #classes} says: by the class, the count of its objects and their bytes. */
    public static Map<String, long[]> parse(String classes) {
        Map<String, long[]> parsed = new LinkedHashMap<>();
        ENTRY.matcher(classes)
                .results()
                .forEach(entry -> parsed.merge(
                        entry.group(1),
                        new long[] {Long.parseLong(entry.group(2)), Long.parseLong(entry.group(3))},
                        (one, other) -> new long[] {one[0] + other[0], one[1] + other[1]}));
        return parsed;
    }
}
