package dev.sluice.bench.net;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** The JDK's blocking channels with a thread for each connection, over TCP. */
final class BlockingServer implements NetServer {
    private static final int BACKLOG = 1024;
    private static final System.Logger LOGGER = System.getLogger(BlockingServer.class.getName());

    @Override
    @SuppressWarnings("resource") // it serves until the process ends
    public String start(Job job) throws IOException {
        if (job.carrier() != Carrier.TCP) {
            throw new UnsupportedOperationException("blocking channels are there to compare TCP with");
        }
        var server =
                ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
        new Thread(() -> accept(server, job.service()), "accept").start();
        return Integer.toString(server.socket().getLocalPort());
    }

    private static void accept(ServerSocketChannel server, Service service) {
        try {
            while (true) {
                SocketChannel channel = server.accept();
                new Thread(() -> serve(channel, service), "connection").start();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void serve(SocketChannel channel, Service service) {
        ByteBuffer bytes = ByteBuffer.allocateDirect(Service.WRITE_BYTES);
        try (channel) {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            if (service == Service.SEND) {
                send(channel, bytes);
                return;
            }
            while (channel.read(bytes.clear()) >= 0) {
                if (service == Service.ECHO) {
                    write(channel, bytes.flip());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The JDK has no type for a client that has had enough: whatever a write meets ends the connection. */
    private static void send(SocketChannel channel, ByteBuffer bytes) {
        try {
            while (true) {
                write(channel, bytes.clear());
            }
        } catch (IOException left) {
            LOGGER.log(System.Logger.Level.DEBUG, "a client has left", left);
        }
    }

    private static void write(SocketChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
