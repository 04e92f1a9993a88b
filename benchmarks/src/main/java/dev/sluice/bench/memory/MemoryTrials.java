package dev.sluice.bench.memory;

import static dev.sluice.bench.run.Peer.ASYNCIO;
import static dev.sluice.bench.run.Peer.BUFFERED_READER;
import static dev.sluice.bench.run.Peer.KOTLINX_IO;
import static dev.sluice.bench.run.Peer.OKIO;
import static dev.sluice.bench.run.Peer.SLUICE;

import dev.sluice.bench.remote.Launcher;
import dev.sluice.bench.run.Settings;
import dev.sluice.bench.run.Trial;
import dev.sluice.bench.run.Work;
import java.util.List;
import java.util.Map;

/** Reads and writes in memory: what a stream costs when it never has to wait. */
public final class MemoryTrials {
    private static final String NETTY = "netty";
    private static final String NETTY_SLICE = "netty-slice";
    private static final String OUTPUT_STREAM = "buffered-output-stream";
    private static final String INPUT_STREAM = "data-input-stream";

    private final Settings settings;
    private final Launcher launcher;

    public MemoryTrials(Settings settings, Launcher launcher) {
        this.settings = settings;
        this.launcher = launcher;
    }

    public List<Trial> all() {
        return List.of(
                trial("text", "a line of 80 bytes as text", "line", LineTextBenchmark.class, "length=80")
                        .with(BUFFERED_READER, "bufferedReader")
                        .with(OKIO, "okio")
                        .with(KOTLINX_IO, "kotlinxIo")
                        .withPython(ASYNCIO, "text"),
                trial("lines", "a line of 80 bytes as bytes", "line", LineBytesBenchmark.class, "length=80")
                        .with(OKIO, "okio")
                        .with(KOTLINX_IO, "kotlinxIo")
                        .withPython(ASYNCIO, "bytes"),
                trial(
                                "until",
                                "400 bytes through a separator of four",
                                "part",
                                SeparatorBenchmark.class,
                                "parts=BLANK_LINE")
                        .with(OKIO, "okio")
                        .with(KOTLINX_IO, "kotlinxIo"),
                trial("exactly", "a frame of exactly 16 bytes", "frame", ExactBenchmark.class, "size=16")
                        .with(INPUT_STREAM, "dataInputStream")
                        .with(OKIO, "okio")
                        .with(KOTLINX_IO, "kotlinxIo"),
                trial(
                                "messages",
                                "a message of 32 bytes behind its length",
                                "message",
                                MessageBenchmark.class,
                                "payload=32")
                        .with(NETTY, "nettyCopied")
                        .with(NETTY_SLICE, "nettySlice"),
                trial("write", "64 bytes written and drained", "write", WriteBenchmark.class, "size=64")
                        .with(OUTPUT_STREAM, "bufferedOutputStream")
                        .with(OKIO, "okio")
                        .with(KOTLINX_IO, "kotlinxIo"));
    }

    private MemoryTrial trial(String name, String title, String unit, Class<?> benchmark, String parameter) {
        var work = new Work("memory", "memory-" + name, title + ", from and to memory", unit);
        return new MemoryTrial(settings, launcher, work, benchmark, parameter, Map.of(), Map.of())
                .with(SLUICE, "sluice");
    }
}
