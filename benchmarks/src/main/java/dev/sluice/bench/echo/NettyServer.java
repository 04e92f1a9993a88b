package dev.sluice.bench.echo;

import dev.sluice.bench.remote.NettyListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.internal.PlatformDependent;

/** Netty with one event loop, which accepts as well. */
final class NettyServer implements EchoServer {
    private final NettyListener listener;

    private NettyServer(NettyListener listener) {
        this.listener = listener;
    }

    static EchoServer nio() {
        return new NettyServer(new NettyListener(NioIoHandler.newFactory(), NioServerSocketChannel.class));
    }

    static EchoServer epoll() {
        if (!Epoll.isAvailable()) {
            return () -> {
                throw new UnsupportedOperationException("Netty's epoll: " + Epoll.unavailabilityCause());
            };
        }
        return new NettyServer(new NettyListener(EpollIoHandler.newFactory(), EpollServerSocketChannel.class));
    }

    @Override
    public int start() {
        return listener.start(new ChannelInitializer<>() {
            @Override
            protected void initChannel(SocketChannel channel) {
                channel.pipeline().addLast(new Echo());
            }
        });
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
