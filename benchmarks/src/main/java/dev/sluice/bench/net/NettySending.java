package dev.sluice.bench.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;

final class NettySending extends ChannelInboundHandlerAdapter {
    private static final ByteBuf BYTES = Unpooled.unreleasableBuffer(
            Unpooled.directBuffer(Service.WRITE_BYTES).writeZero(Service.WRITE_BYTES));

    private final boolean awaitsHandshake;
    private boolean ended;

    NettySending(boolean awaitsHandshake) {
        this.awaitsHandshake = awaitsHandshake;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        if (!awaitsHandshake) {
            send(context);
        }
    }

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
