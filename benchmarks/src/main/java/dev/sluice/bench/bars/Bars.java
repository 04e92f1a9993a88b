package dev.sluice.bench.bars;

import static dev.sluice.bench.bars.Bar.atLeast;
import static dev.sluice.bench.bars.Bar.atMost;
import static dev.sluice.bench.run.Metric.CPU;
import static dev.sluice.bench.run.Metric.MEDIAN;
import static dev.sluice.bench.run.Metric.MEMORY;
import static dev.sluice.bench.run.Metric.RATE;
import static dev.sluice.bench.run.Metric.TIME;
import static dev.sluice.bench.run.Peer.ASYNCIO;
import static dev.sluice.bench.run.Peer.BLOCKING;
import static dev.sluice.bench.run.Peer.BUFFERED_READER;
import static dev.sluice.bench.run.Peer.KOTLINX_IO;
import static dev.sluice.bench.run.Peer.KTOR;
import static dev.sluice.bench.run.Peer.NETTY_EPOLL;
import static dev.sluice.bench.run.Peer.NETTY_NIO;
import static dev.sluice.bench.run.Peer.NUPROCESS;
import static dev.sluice.bench.run.Peer.OKIO;
import static dev.sluice.bench.run.Peer.SLUICE;
import static dev.sluice.bench.run.Peer.SLUICE_JAVA;
import static dev.sluice.bench.run.Peer.UVLOOP;

import java.util.List;

/** All there are. */
public final class Bars {
    public static final List<Bar> ALL = List.of(
            atLeast(1.0, "echo-50", RATE, NETTY_NIO),
            atMost(1.0, "echo-50", CPU, NETTY_NIO),
            atLeast(0.95, "echo-50", RATE, NETTY_EPOLL),
            atMost(1.05, "echo-50", CPU, NETTY_EPOLL),
            atLeast(5, "echo-50", RATE, KTOR),
            atLeast(2, "echo-50", RATE, ASYNCIO),
            atLeast(1.5, "echo-50", RATE, UVLOOP),
            atLeast(0.9, "echo-50", RATE, SLUICE).of(SLUICE_JAVA),
            atMost(1.0, "echo-1", MEDIAN, NETTY_NIO),
            atMost(1.15, "echo-1", MEDIAN, BLOCKING),
            atLeast(0.95, "bulk-receive", RATE, BLOCKING),
            atLeast(1.0, "bulk-receive", RATE, NETTY_NIO),
            atLeast(0.95, "bulk-send", RATE, BLOCKING),
            atLeast(1.0, "bulk-send", RATE, NETTY_NIO),
            atLeast(0.95, "unix-echo", RATE, NETTY_EPOLL),
            atLeast(0.95, "unix-receive", RATE, NETTY_EPOLL),
            atLeast(0.95, "unix-send", RATE, NETTY_EPOLL),
            atLeast(1.0, "tls-receive", RATE, NETTY_NIO),
            atLeast(1.0, "tls-send", RATE, NETTY_NIO),
            atLeast(1.0, "tls-handshakes", RATE, NETTY_NIO),
            atLeast(1.0, "connect", RATE, NETTY_NIO),
            atMost(1.0, "idle", MEMORY, NETTY_NIO),
            atLeast(2, "memory-text", RATE, BUFFERED_READER),
            atLeast(2, "memory-text", RATE, OKIO),
            atLeast(2, "memory-text", RATE, KOTLINX_IO),
            atLeast(10, "memory-text", RATE, ASYNCIO),
            atLeast(2, "memory-lines", RATE, OKIO),
            atLeast(2, "memory-lines", RATE, KOTLINX_IO),
            atLeast(10, "memory-lines", RATE, ASYNCIO),
            atLeast(1.5, "memory-until", RATE, OKIO),
            atLeast(1.5, "memory-until", RATE, KOTLINX_IO),
            atLeast(1.0, "memory-exactly", RATE, OKIO),
            atLeast(1.0, "memory-exactly", RATE, KOTLINX_IO),
            atLeast(0.9, "process-cat", RATE, BLOCKING),
            atLeast(1.0, "process-cat", RATE, NUPROCESS),
            atMost(1.1, "process-start", TIME, BLOCKING),
            atMost(1.1, "process-start", TIME, NUPROCESS),
            atMost(1.0, "process-many", MEMORY, BLOCKING),
            atLeast(0.95, "growth-1", RATE, NETTY_NIO),
            atLeast(0.95, "growth-10", RATE, NETTY_NIO),
            atLeast(0.95, "growth-100", RATE, NETTY_NIO),
            atLeast(0.95, "growth-1000", RATE, NETTY_NIO),
            atLeast(0.95, "growth-10000", RATE, NETTY_NIO));

    private Bars() {}
}
