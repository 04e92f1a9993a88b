package dev.sluice.bench.tls;

import java.util.Arrays;
import java.util.List;

/** What is done over TLS, seen from the server. */
public enum Work {
    RECEIVE("receive", "bulk receive", "MiB", 1 << 20, 1),
    SEND("send", "bulk send", "MiB", 1 << 20, 1),
    HANDSHAKES("handshakes", "full handshakes", "handshake", 1, 8);

    /** How much is written at once, on both sides. */
    public static final int WRITE_BYTES = 64 * 1024;

    final String option;
    final String title;
    final String unit;

    /** How many of what the client counts are one unit. */
    final int unitSize;

    /** Over how many connections at a time, if nothing else is said. */
    final int connections;

    Work(String option, String title, String unit, int unitSize, int connections) {
        this.option = option;
        this.title = title;
        this.unit = unit;
        this.unitSize = unitSize;
        this.connections = connections;
    }

    static List<String> options() {
        return Arrays.stream(values()).map(it -> it.option).toList();
    }

    static Work of(String option) {
        return values()[options().indexOf(option)];
    }
}
