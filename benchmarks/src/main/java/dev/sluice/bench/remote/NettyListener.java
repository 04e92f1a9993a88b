package dev.sluice.bench.remote;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.SocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Netty with one event loop, which accepts as well. */
public record NettyListener(IoHandlerFactory loop, Class<? extends ServerChannel> channels) {
    /** Starts it; its port. */
    public int start(ChannelInitializer<SocketChannel> connections) {
        var server = new ServerBootstrap()
                .group(new MultiThreadIoEventLoopGroup(1, loop))
                .channel(channels)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(connections)
                .bind(InetAddress.getLoopbackAddress(), 0)
                .syncUninterruptibly()
                .channel();
        return ((InetSocketAddress) server.localAddress()).getPort();
    }
}
