package dev.sluice.bench.net;

import dev.sluice.bench.remote.Child;
import dev.sluice.bench.remote.Launcher;
import dev.sluice.bench.remote.OpenFiles;
import dev.sluice.bench.run.Metric;
import dev.sluice.bench.run.Peer;
import dev.sluice.bench.run.Sample;
import dev.sluice.bench.run.Settings;
import dev.sluice.bench.run.Trial;
import dev.sluice.bench.run.Work;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.List;

/** The memory of connections that do nothing: a server with many of them against the same one without any. */
public final class IdleTrial implements Trial {
    private static final int USUAL = 10_000;
    private static final int SETTLE_MILLIS = 1000;
    private static final Job JOB = new Job(Carrier.TCP, Service.ECHO, Path.of("none"));

    private final Settings settings;
    private final Launcher launcher;
    private final int connections;

    public IdleTrial(Settings settings, Launcher launcher) {
        this.settings = settings;
        this.launcher = launcher;
        int wanted = settings.connections().isEmpty()
                ? USUAL
                : settings.connections().get(0);
        connections = (int) Math.min(wanted, OpenFiles.limit());
    }

    @Override
    public Work work() {
        return new Work(
                "idle", "idle", "idle connections after one message each: %,d".formatted(connections), "connection");
    }

    @Override
    public List<String> peers() {
        return List.of(Peer.SLUICE, Peer.NETTY_NIO);
    }

    @Override
    public int warmups() {
        return 0;
    }

    @Override
    public double secondsOfRound() {
        return 6 + connections / 1e3;
    }

    @Override
    public Contest open(List<String> peers) {
        return new Contest() {
            @Override
            public List<String> peers() {
                return peers;
            }

            @Override
            public Sample measure(String peer) throws IOException {
                return IdleTrial.this.measure(peer);
            }

            @Override
            public void close() {}
        };
    }

    /** With processes of its own: garbage of one round must not be found in the next. */
    private Sample measure(String peer) throws IOException {
        try (Child server = Servers.start(launcher, peer, JOB);
                Child client = launcher.client(IdleClient.class)) {
            String address = server.expect("at");
            // Classes, pools and the server's own threads are there before anything counts.
            ask(client, "open " + address + " " + connections / 10);
            ask(client, "ping");
            ask(client, "close");
            Footprint none = settled(server);
            ask(client, "open " + address + " " + connections);
            Footprint silent = settled(server);
            ask(client, "ping");
            Footprint spoke = settled(server);
            if (!settings.classes().isEmpty()) {
                System.out.print(new ClassTable(settings.classes(), connections).of(none.classes(), spoke.classes()));
            }
            double heap = each(spoke.heap() - none.heap());
            double direct = each(spoke.direct() - none.direct());
            return new Sample()
                    .with(Metric.MEMORY, heap + direct)
                    .with(Metric.HEAP, heap)
                    .with(Metric.DIRECT, direct)
                    .with(Metric.SILENT, each(silent.heap() + silent.direct() - none.heap() - none.direct()));
        }
    }

    private static void ask(Child client, String order) throws IOException {
        client.send(order);
        client.expect(order.split(" ")[0]);
    }

    /** After a while: a server may still be at work on connections that were just closed or accepted. */
    private static Footprint settled(Child server) throws IOException {
        try {
            Thread.sleep(SETTLE_MILLIS);
        } catch (InterruptedException e) {
            throw new InterruptedIOException("interrupted while a server came to rest");
        }
        return Footprint.of(server);
    }

    private double each(long bytes) {
        return (double) bytes / connections;
    }
}
