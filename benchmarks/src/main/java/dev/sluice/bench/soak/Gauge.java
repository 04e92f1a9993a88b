package dev.sluice.bench.soak;

import dev.sluice.bench.remote.Memory;
import java.io.File;
import java.lang.management.ManagementFactory;
import java.util.Locale;

/** What must not grow as long as the load stays the same. */
enum Gauge {
    // What JIT compilation, class loading and the JDK's own caches come to is far less.
    HEAP("heap", 512 * 1024, true) {
        @Override
        long read() throws Exception {
            return Memory.heap();
        }
    },
    DIRECT("direct memory", 512 * 1024, true) {
        @Override
        long read() {
            return Memory.direct();
        }
    },
    /** Objects of the library's own classes: a few bytes of each operation show here that are lost in the heap. */
    OBJECTS("objects of Sluice", 100, false) {
        @Override
        long read() throws Exception {
            return OwnObjects.counts().values().stream()
                    .mapToLong(Long::longValue)
                    .sum();
        }
    },
    /** Those of pools come and go. */
    THREADS("threads", 15, false) {
        @Override
        long read() {
            return ManagementFactory.getThreadMXBean().getThreadCount();
        }
    },
    DESCRIPTORS("descriptors", 8, false) {
        @Override
        long read() {
            String[] open = new File("/proc/self/fd").list();
            return open == null ? 0 : open.length;
        }
    },
    ZOMBIES("zombies", 3, false) {
        @Override
        long read() throws Exception {
            return Zombies.count();
        }
    };

    private static final double MEBIBYTE = 1 << 20;

    private final String title;
    private final long allowance;
    private final boolean isMemory;

    Gauge(String title, long allowance, boolean isMemory) {
        this.title = title;
        this.allowance = allowance;
        this.isMemory = isMemory;
    }

    abstract long read() throws Exception;

    String title() {
        return title;
    }

    /** How much more than before is still called the same. */
    long allowance() {
        return allowance;
    }

    String show(double value) {
        return isMemory
                ? String.format(Locale.ROOT, "%.2f MiB", value / MEBIBYTE)
                : String.format(Locale.ROOT, value == Math.rint(value) ? "%.0f" : "%.1f", value);
    }
}
