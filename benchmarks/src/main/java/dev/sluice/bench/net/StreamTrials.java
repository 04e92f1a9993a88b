package dev.sluice.bench.net;

import static dev.sluice.bench.run.Peer.BLOCKING;
import static dev.sluice.bench.run.Peer.NETTY_EPOLL;
import static dev.sluice.bench.run.Peer.NETTY_NIO;
import static dev.sluice.bench.run.Peer.SLUICE;

import dev.sluice.bench.remote.Launcher;
import dev.sluice.bench.run.Settings;
import dev.sluice.bench.run.Trial;
import dev.sluice.bench.run.Work;
import java.util.List;

/** Bulk one way, and connections that come and go. */
public final class StreamTrials {
    private static final String MEBIBYTE = "MiB";
    private static final double PER_BYTE = 1.0 / (1 << 20);
    private static final int WARMUPS = 2;
    // Seconds go by until a JVM has compiled all the arithmetic of a handshake.
    private static final int TLS_WARMUPS = 4;
    private static final int LEAD_MILLIS = 500;
    private static final int AT_ONCE = 8;

    private final Settings settings;
    private final Launcher launcher;

    public StreamTrials(Settings settings, Launcher launcher) {
        this.settings = settings;
        this.launcher = launcher;
    }

    public List<Trial> bulk() {
        List<String> peers = List.of(SLUICE, BLOCKING, NETTY_NIO);
        return List.of(
                bulk("bulk", "receiving over TCP", Talk.SEND, peers, Carrier.TCP),
                bulk("bulk", "sending over TCP", Talk.RECEIVE, peers, Carrier.TCP));
    }

    public List<Trial> unix() {
        List<String> peers = List.of(SLUICE, NETTY_EPOLL);
        return List.of(
                new EchoTrials(settings, launcher).unix(),
                bulk("unix", "receiving over a Unix socket", Talk.SEND, peers, Carrier.UNIX),
                bulk("unix", "sending over a Unix socket", Talk.RECEIVE, peers, Carrier.UNIX));
    }

    public List<Trial> tls() {
        List<String> peers = List.of(SLUICE, NETTY_NIO);
        var handshakes = new Work("tls", "tls-handshakes", "full TLS 1.3 handshakes, eight at a time", "handshake");
        return List.of(
                bulk("tls", "receiving over TLS 1.3", Talk.SEND, peers, Carrier.TLS),
                bulk("tls", "sending over TLS 1.3", Talk.RECEIVE, peers, Carrier.TLS),
                trial(handshakes, Talk.GREETING, peers, Carrier.TLS, AT_ONCE, 1));
    }

    public Trial connect() {
        var work = new Work("connect", "connect", "connect, one echo, close, eight at a time", "connection");
        return trial(work, Talk.REQUEST, List.of(SLUICE, NETTY_NIO), Carrier.TCP, AT_ONCE, 1);
    }

    private Trial bulk(String group, String title, Talk talk, List<String> peers, Carrier carrier) {
        String name = group + (talk == Talk.SEND ? "-receive" : "-send");
        var work = new Work(group, name, title + ", one connection, 64 KiB at a time", MEBIBYTE);
        return trial(work, talk, peers, carrier, 1, PER_BYTE);
    }

    private Trial trial(Work work, Talk talk, List<String> peers, Carrier carrier, int threads, double perAmount) {
        return new ServerTrial(
                launcher,
                work,
                peers,
                settings.warmups(carrier == Carrier.TLS ? TLS_WARMUPS : WARMUPS),
                settings.seconds() + LEAD_MILLIS / 1e3,
                carrier,
                talk.service,
                StreamClient.class,
                talk + " " + threads + " " + LEAD_MILLIS + " " + settings.millis(),
                usage -> usage.sample(perAmount));
    }
}
