package dev.sluice.bench.run;

/** The names that options and tables have for them. */
public final class Peer {
    public static final String SLUICE = "sluice";
    public static final String SLUICE_JAVA = "sluice-java";
    public static final String NETTY_NIO = "netty-nio";
    public static final String NETTY_EPOLL = "netty-epoll";
    public static final String KTOR = "ktor";
    public static final String BLOCKING = "blocking";
    public static final String ASYNCIO = "asyncio";
    public static final String UVLOOP = "uvloop";
    public static final String BUFFERED_READER = "buffered-reader";
    public static final String OKIO = "okio";
    public static final String KOTLINX_IO = "kotlinx-io";
    public static final String NUPROCESS = "nuprocess";
    public static final String BY_HAND = "by-hand";
    public static final String SOCAT = "socat";

    private Peer() {}
}
