package dev.sluice.bench.net;

import static dev.sluice.bench.run.Peer.ASYNCIO;
import static dev.sluice.bench.run.Peer.BLOCKING;
import static dev.sluice.bench.run.Peer.KTOR;
import static dev.sluice.bench.run.Peer.NETTY_EPOLL;
import static dev.sluice.bench.run.Peer.NETTY_NIO;
import static dev.sluice.bench.run.Peer.SLUICE;
import static dev.sluice.bench.run.Peer.SLUICE_JAVA;
import static dev.sluice.bench.run.Peer.UVLOOP;

import dev.sluice.bench.remote.Launcher;
import dev.sluice.bench.remote.OpenFiles;
import dev.sluice.bench.remote.Usage;
import dev.sluice.bench.run.Metric;
import dev.sluice.bench.run.Sample;
import dev.sluice.bench.run.Settings;
import dev.sluice.bench.run.Trial;
import dev.sluice.bench.run.Work;
import java.util.List;

/** 64 bytes there and back on each connection, again and again. */
public final class EchoTrials {
    public static final String GROWTH = "growth";

    private static final List<String> ALL =
            List.of(SLUICE, SLUICE_JAVA, NETTY_NIO, NETTY_EPOLL, KTOR, BLOCKING, ASYNCIO, UVLOOP);
    private static final List<Integer> STEPS = List.of(1, 10, 100, 1_000, 10_000);
    private static final int WARMUPS = 2;
    private static final int LEAD_MILLIS = 300;

    private final Settings settings;
    private final Launcher launcher;

    public EchoTrials(Settings settings, Launcher launcher) {
        this.settings = settings;
        this.launcher = launcher;
    }

    public List<Trial> echo() {
        List<Integer> connections = settings.connections().isEmpty() ? List.of(1, 50) : settings.connections();
        return connections.stream()
                .map(count -> echo("echo", "echo-" + count, "echo", count, ALL, Carrier.TCP))
                .toList();
    }

    public List<Trial> growth() {
        List<Integer> connections = settings.connections().isEmpty() ? STEPS : settings.connections();
        return connections.stream()
                .filter(EchoTrials::isPossible)
                .map(count -> echo(
                        GROWTH,
                        GROWTH + "-" + count,
                        "echo as it grows",
                        count,
                        List.of(SLUICE, NETTY_NIO),
                        Carrier.TCP))
                .toList();
    }

    private static boolean isPossible(int connections) {
        boolean isPossible = connections <= OpenFiles.limit();
        if (!isPossible) {
            System.err.printf(
                    "left out: echoes over %d connections; a process may have %d here, raise ulimit -n%n",
                    connections, OpenFiles.limit());
        }
        return isPossible;
    }

    Trial unix() {
        return echo("unix", "unix-echo", "echo over a Unix socket", 50, List.of(SLUICE, NETTY_EPOLL), Carrier.UNIX);
    }

    private Trial echo(String group, String name, String title, int connections, List<String> peers, Carrier carrier) {
        var work = new Work(
                group,
                name,
                "%s, %d bytes, connections: %,d".formatted(title, PingPong.MESSAGE_BYTES, connections),
                "round trip");
        // Until each of many connections has had its first turn.
        int lead = LEAD_MILLIS + connections / 10;
        return new ServerTrial(
                launcher,
                work,
                peers,
                settings.warmups(WARMUPS),
                settings.seconds() + lead / 1e3 + connections / 5e3,
                carrier,
                Service.ECHO,
                EchoClient.class,
                connections + " " + lead + " " + settings.millis(),
                usage -> sample(usage, connections));
    }

    /** A latency over many connections is mostly the time that a message waits for the others. */
    private static Sample sample(Usage usage, int connections) {
        Sample sample = usage.sample(1);
        return connections > 1
                ? sample
                : sample.with(Metric.MEDIAN, Double.parseDouble(usage.end().get(2)) / 1e3)
                        .with(Metric.P99, Double.parseDouble(usage.end().get(3)) / 1e3);
    }
}
