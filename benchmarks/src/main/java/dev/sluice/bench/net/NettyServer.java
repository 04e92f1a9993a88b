package dev.sluice.bench.net;

import dev.sluice.bench.remote.Memory;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.List;

/** Netty; TLS is its SslHandler over the JDK's engine. */
record NettyServer(NettyListener listener) implements NetServer {
    @Override
    public String start(Job job) throws IOException, GeneralSecurityException {
        SslContext tls = job.carrier() == Carrier.TLS ? context(new Identity(job.file())) : null;
        return listener.start(job, new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                if (tls != null) {
                    channel.pipeline().addLast(tls.newHandler(channel.alloc()));
                }
                channel.pipeline().addLast(handler(job));
            }
        });
    }

    private static SslContext context(Identity identity) throws IOException, GeneralSecurityException {
        return SslContextBuilder.forServer(identity.keys())
                .sslProvider(SslProvider.JDK)
                .protocols(Identity.PROTOCOL)
                .ciphers(List.of(Identity.CIPHER_SUITE))
                .build();
    }

    private static ChannelHandler handler(Job job) {
        return switch (job.service()) {
            case ECHO -> new NettyEcho();
            case RECEIVE -> new NettyReceiving();
            case SEND -> new NettySending(job.carrier() == Carrier.TLS);
        };
    }

    /** With what Netty takes from the system by itself; it says -1 where it leaves that to the JDK. */
    @Override
    public long directMemory() {
        return Memory.direct() + Math.max(0, PlatformDependent.usedDirectMemory());
    }
}
