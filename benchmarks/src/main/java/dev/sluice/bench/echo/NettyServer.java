package dev.sluice.bench.echo;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.internal.PlatformDependent;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Netty with one event loop, which accepts as well. */
final class NettyServer implements EchoServer {
    private final IoHandlerFactory loop;
    private final Class<? extends ServerChannel> channels;

    private NettyServer(IoHandlerFactory loop, Class<? extends ServerChannel> channels) {
        this.loop = loop;
        this.channels = channels;
    }

    static EchoServer nio() {
        return new NettyServer(NioIoHandler.newFactory(), NioServerSocketChannel.class);
    }

    static EchoServer epoll() {
        if (!Epoll.isAvailable()) {
            return () -> {
                throw new UnsupportedOperationException("Netty's epoll: " + Epoll.unavailabilityCause());
            };
        }
        return new NettyServer(EpollIoHandler.newFactory(), EpollServerSocketChannel.class);
    }

    @Override
    public int start() {
        var server = new ServerBootstrap()
                .group(new MultiThreadIoEventLoopGroup(1, loop))
                .channel(channels)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline().addLast(new Echo());
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .syncUninterruptibly()
                .channel();
        return ((InetSocketAddress) server.localAddress()).getPort();
    }

    /** With what Netty takes from the system by itself; it says -1 where it leaves that to the JDK. */
    @Override
    public long directMemory() {
        return Memory.direct() + Math.max(0, PlatformDependent.usedDirectMemory());
    }

    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object bytes) {
            context.write(bytes, context.voidPromise());
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }
    }
}
