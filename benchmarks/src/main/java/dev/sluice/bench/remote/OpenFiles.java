package dev.sluice.bench.remote;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** How many connections a process may have: each is an open file. */
public final class OpenFiles {
    // What a JVM opens besides connections: its jars, its selectors and the like.
    private static final int OTHERS = 200;

    private OpenFiles() {}

    public static long limit() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
                ? system.getMaxFileDescriptorCount() - OTHERS
                : Integer.MAX_VALUE;
    }
}
