package dev.sluice.bench.echo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** The JDK's sockets with a thread for each connection. */
final class BlockingServer implements EchoServer {
    @Override
    @SuppressWarnings("resource") // it serves until the process ends
    public int start() throws IOException {
        var server = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
        new Thread(() -> accept(server), "accept").start();
        return server.getLocalPort();
    }

    private static void accept(ServerSocket server) {
        try {
            while (true) {
                Socket socket = server.accept();
                new Thread(() -> echo(socket), "echo").start();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void echo(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            var in = socket.getInputStream();
            var out = socket.getOutputStream();
            var bytes = new byte[64 * 1024];
            for (int n = in.read(bytes); n >= 0; n = in.read(bytes)) {
                out.write(bytes, 0, n);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
