package dev.sluice.async;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.net.ConnectOptions;
import dev.sluice.net.EventLoops;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
final class BlockingDependentTest {
    private final ByteArrayOutputStream logged = new ByteArrayOutputStream();

    @Test
    void whatBlocksInADependentIsLoggedWithItsStack() throws IOException {
        PrintStream before = System.err;
        System.setErr(new PrintStream(logged, true, StandardCharsets.UTF_8.name()));
        try (EventLoops loops = EventLoops.create(1, "watched", Duration.ofMillis(30));
                ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                AsyncConnection connection = AsyncStreams.openConnection(
                                "127.0.0.1",
                                server.getLocalPort(),
                                ConnectOptions.builder().eventLoops(loops).build())
                        .join();
                Socket peer = server.accept()) {
            assertFalse(isLogged());
            CompletableFuture<Void> blocking = connection.reader().readLine().thenAccept(this::blockUntilLogged);
            peer.getOutputStream().write("now\n".getBytes(StandardCharsets.US_ASCII));
            blocking.join();
            assertTrue(logged.toString(StandardCharsets.UTF_8.name()).contains("watched-1"));
        } finally {
            System.setErr(before);
        }
    }

    private void blockUntilLogged(String line) {
        while (!isLogged()) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    private boolean isLogged() {
        return new String(logged.toByteArray(), StandardCharsets.UTF_8).contains("blockUntilLogged");
    }
}
