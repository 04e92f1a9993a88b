package dev.sluice.bench.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** Over TCP or a Unix socket. */
final class ChannelLink implements Link {
    private final SocketChannel channel;
    private final ByteBuffer bytes = ByteBuffer.allocateDirect(Service.WRITE_BYTES);

    ChannelLink(SocketChannel channel) {
        this.channel = channel;
    }

    @Override
    public void send(int count) throws IOException {
        bytes.clear().limit(count);
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    @Override
    public int receive() throws IOException {
        return channel.read(bytes.clear());
    }

    @Override
    public void endOutput() throws IOException {
        channel.shutdownOutput();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
