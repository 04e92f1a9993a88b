package dev.sluice.bench.echo;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.sluice.bench.remote.Arguments;
import dev.sluice.bench.remote.Child;
import dev.sluice.bench.remote.Launcher;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The memory of connections that do nothing: a server with many of them against the same one without any. */
final class IdleBenchmark {
    // What a JVM opens besides connections: its jars, its selectors and the like.
    private static final int OTHER_FILES = 200;
    private static final int SETTLE_MILLIS = 1000;

    private final List<String> servers;
    private final int connections;
    private final String classes;
    private final Launcher launcher;

    private IdleBenchmark(Arguments arguments) {
        servers = arguments.servers(List.of("sluice", "netty-nio"), List.copyOf(Servers.BY_NAME.keySet()));
        connections =
                within(fileLimit() - OTHER_FILES, arguments.number("--connections", arguments.quick() ? 1000 : 10_000));
        launcher = new Launcher(!arguments.unpinned());
        classes = arguments.get("--classes", "dev.sluice.");
    }

    public static void main(String[] commandLine) throws IOException, InterruptedException {
        IdleBenchmark benchmark;
        try {
            benchmark = new IdleBenchmark(new Arguments(commandLine, Set.of("--only", "--connections", "--classes")));
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(2);
            return;
        }
        for (String server : benchmark.servers) {
            benchmark.measure(server);
        }
    }

    private void measure(String name) throws IOException, InterruptedException {
        try (Child server = Servers.start(launcher, name);
                Child client = launcher.client(IdleClient.class)) {
            String port = server.expect("port");
            System.err.printf("%s: with %d connections, then with %d%n", name, connections / 10, connections);
            // Classes, pools and the server's own threads are there before anything counts.
            ask(client, "open " + port + " " + connections / 10);
            ask(client, "ping");
            ask(client, "close");
            Footprint none = settled(server);
            ask(client, "open " + port + " " + connections);
            Footprint silent = settled(server);
            ask(client, "ping");
            Footprint spoke = settled(server);

            print("%n%s, bytes for each of %,d connections%n", name, connections);
            print("%-40s %10s %10s%n", "", "heap", "direct");
            print("connected", none, silent);
            print("after one message", none, spoke);
            printClasses(none.classes(), spoke.classes());
        }
    }

    private static void ask(Child client, String order) throws IOException {
        client.send(order);
        client.expect(order.split(" ")[0]);
    }

    /** After a while: a server may still be at work on connections that were just closed or accepted. */
    private static Footprint settled(Child server) throws IOException, InterruptedException {
        Thread.sleep(SETTLE_MILLIS);
        return Footprint.of(server);
    }

    private void print(String state, Footprint before, Footprint now) {
        print("%-40s %,10.0f %,10.0f%n", state, each(now.heap() - before.heap()), each(now.direct() - before.direct()));
    }

    private void printClasses(Map<String, long[]> before, Map<String, long[]> now) {
        String row = "%-80s %8.2f %,10.0f%n";
        print("%-80s %8s %10s%n", "of which " + classes + "*, after one message", "objects", "bytes");
        double objects = 0;
        double bytes = 0;
        for (var entry : now.entrySet()) {
            if (!entry.getKey().startsWith(classes)) {
                continue;
            }
            long[] old = before.getOrDefault(entry.getKey(), new long[2]);
            double moreObjects = each(entry.getValue()[0] - old[0]);
            double moreBytes = each(entry.getValue()[1] - old[1]);
            objects += moreObjects;
            bytes += moreBytes;
            if (moreBytes >= 1) {
                print(row, "  " + entry.getKey(), moreObjects, moreBytes);
            }
        }
        print(row, "  all", objects, bytes);
    }

    private double each(long bytes) {
        return (double) bytes / connections;
    }

    private static void print(String format, Object... values) {
        System.out.printf(Locale.ROOT, format, values);
    }

    private static int within(long limit, int wanted) {
        if (wanted > limit) {
            System.err.printf("Only %d connections instead of %d: a process may not open more files.%n", limit, wanted);
        }
        return (int) Math.min(limit, wanted);
    }

    private static long fileLimit() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
                ? system.getMaxFileDescriptorCount()
                : Integer.MAX_VALUE;
    }
}
