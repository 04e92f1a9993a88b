package dev.sluice.bench.tls;

import dev.sluice.bench.remote.NettyListener;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.List;

/** Netty's SslHandler over the JDK's engine, with one event loop, which accepts as well. */
final class NettyServer implements TlsServer {
    @Override
    public int start(Identity identity, Work work) throws IOException, GeneralSecurityException {
        SslContext context = SslContextBuilder.forServer(identity.keys())
                .sslProvider(SslProvider.JDK)
                .protocols(Identity.PROTOCOL)
                .ciphers(List.of(Identity.CIPHER_SUITE))
                .build();
        var listener = new NettyListener(NioIoHandler.newFactory(), NioServerSocketChannel.class);
        return listener.start(new ChannelInitializer<>() {
            @Override
            protected void initChannel(SocketChannel channel) {
                channel.pipeline()
                        .addLast(
                                context.newHandler(channel.alloc()),
                                work == Work.SEND ? new Sending() : new Receiving());
            }
        });
    }

    /** The handler of TLS closes the channel at the end that the client announces. */
    private static final class Receiving extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object bytes) {
            ReferenceCountUtil.release(bytes);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }

    private static final class Sending extends ChannelInboundHandlerAdapter {
        private static final ByteBuf BYTES = Unpooled.unreleasableBuffer(
                Unpooled.directBuffer(Work.WRITE_BYTES).writeZero(Work.WRITE_BYTES));

        private boolean ended;

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
            if (event instanceof SslHandshakeCompletionEvent) {
                send(context);
            }
            super.userEventTriggered(context, event);
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            send(context);
        }

        private void send(ChannelHandlerContext context) {
            while (!ended && context.channel().isWritable()) {
                // A channel may stay writable for a while after the client has left.
                context.writeAndFlush(BYTES.duplicate()).addListener(sent -> ended = ended || !sent.isSuccess());
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            ended = true;
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
