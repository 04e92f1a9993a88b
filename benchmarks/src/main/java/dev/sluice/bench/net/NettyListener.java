package dev.sluice.bench.net;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Netty with one event loop, which accepts as well. */
enum NettyListener {
    NIO,
    EPOLL;

    /** Starts it; its port or path. */
    String start(Job job, ChannelInitializer<Channel> connections) {
        if (this == EPOLL && !Epoll.isAvailable()) {
            throw new UnsupportedOperationException("Netty's epoll: " + Epoll.unavailabilityCause());
        }
        var bootstrap = new ServerBootstrap().group(loops()).childHandler(connections);
        if (job.carrier() == Carrier.UNIX) {
            bootstrap
                    .channel(EpollServerDomainSocketChannel.class)
                    .bind(new DomainSocketAddress(job.file().toString()))
                    .syncUninterruptibly();
            return job.file().toString();
        }
        var server = bootstrap
                .channel(this == EPOLL ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .bind(InetAddress.getLoopbackAddress(), 0)
                .syncUninterruptibly()
                .channel();
        return Integer.toString(((InetSocketAddress) server.localAddress()).getPort());
    }

    private MultiThreadIoEventLoopGroup loops() {
        return new MultiThreadIoEventLoopGroup(
                1, this == EPOLL ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    }
}
