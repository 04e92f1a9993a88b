package dev.sluice.async;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
final class ConnectTest {
    private static final int ATTEMPTS = 50;

    @Test
    void aCancelledConnectLeavesNoConnectionBehind() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 2 * ATTEMPTS, InetAddress.getLoopbackAddress())) {
            for (int i = 0; i < ATTEMPTS; i++) {
                CompletableFuture<AsyncConnection> connecting =
                        AsyncStreams.openConnection("127.0.0.1", server.getLocalPort());
                if (!connecting.cancel(true)) {
                    // It was there already, and belongs to who asked for it.
                    connecting.join().abort();
                }
            }
            server.setSoTimeout(1000);
            Socket accepted;
            while ((accepted = acceptedBy(server)) != null) {
                try (Socket socket = accepted) {
                    socket.setSoTimeout(60_000);
                    assertEquals(-1, readOrReset(socket));
                }
            }
        }
    }

    private static @Nullable Socket acceptedBy(ServerSocket server) throws IOException {
        try {
            return server.accept();
        } catch (SocketTimeoutException none) {
            return null;
        }
    }

    private static int readOrReset(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read();
        } catch (SocketException reset) {
            return -1;
        }
    }
}
