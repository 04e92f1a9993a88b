package dev.sluice.async;

import static dev.sluice.async.Failures.failure;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.sluice.InfoKey;
import dev.sluice.net.ConnectOptions;
import dev.sluice.net.ServerOptions;
import dev.sluice.tls.TlsOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class TlsTest {
    private static final String PASSWORD = "secret";

    private static TlsOptions ofServer = TlsOptions.Default;
    private static TlsOptions ofClient = TlsOptions.Default;

    @BeforeAll
    static void certify(@TempDir Path folder) throws IOException, InterruptedException {
        Path keys = folder.resolve("keys.p12");
        Path certificate = folder.resolve("certificate.pem");
        keytool(keys, "-genkeypair", "-keyalg", "EC", "-dname", "CN=localhost", "-ext", "SAN=dns:localhost");
        keytool(keys, "-exportcert", "-rfc", "-file", certificate.toString());
        ofServer = TlsOptions.builder().keyStore(keys, PASSWORD).build();
        ofClient = TlsOptions.builder()
                .trust(certificate)
                .serverHostname("localhost")
                .build();
    }

    private static void keytool(Path store, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(arguments));
        command.addAll(List.of("-storetype", "PKCS12", "-keystore", store.toString(), "-storepass", PASSWORD));
        assertEquals(0, new ProcessBuilder(command).inheritIO().start().waitFor());
    }

    /** Reads one line in TLS and answers it. */
    private static CompletableFuture<Void> answer(AsyncConnection connection) {
        return connection.reader().readLine().thenCompose(line -> {
            connection.writer().write("encrypted " + line + "\n");
            return connection.writer().drain();
        });
    }

    @Test
    void aServerAndItsClientFromTheirFirstByte() {
        ServerOptions serving = ServerOptions.builder().tls(ofServer).build();
        ConnectOptions connecting = ConnectOptions.builder().tls(ofClient).build();
        try (AsyncServer server = AsyncStreams.startServer("127.0.0.1", 0, TlsTest::answer, serving)
                .join()) {
            int port = ServerTest.port(server);
            try (AsyncConnection connection =
                    AsyncStreams.openConnection("127.0.0.1", port, connecting).join()) {
                connection.writer().write("line\n");
                assertEquals("encrypted line", connection.reader().readLine().join());
                assertEquals("TLSv1.3", connection.info().get(InfoKey.TlsProtocol));
                assertNull(connection.reader().readLine().join());
            }
            ConnectOptions trustingNobodyElse =
                    ConnectOptions.builder().tls(TlsOptions.Default).build();
            SSLHandshakeException refused = failure(
                    SSLHandshakeException.class, AsyncStreams.openConnection("127.0.0.1", port, trustingNobodyElse));
            String why = "the TLS handshake with 127.0.0.1 (127.0.0.1:" + port
                    + ") failed: the peer's certificate is not trusted: nobody who is has issued it";
            // The JDK's own words follow.
            assertEquals(why, String.valueOf(refused.getMessage()).substring(0, why.length()));
        }
    }

    @Test
    void bothEndsOfAConnectionAreUpgradedInPlace() {
        TlsOptions accepting = TlsOptions.builder()
                .context(ofServer.getContext())
                .role(TlsOptions.Role.SERVER)
                .build();
        TlsOptions asking = TlsOptions.builder()
                .context(ofClient.getContext())
                .serverHostname("localhost")
                .role(TlsOptions.Role.CLIENT)
                .build();
        try (Pair pair = new Pair()) {
            AsyncStreamReader reader = pair.near.reader();
            pair.far.writer().write("plain\n");
            assertEquals("plain", reader.readLine().join());
            CompletableFuture<Void> server = pair.far.startTls(accepting);
            pair.near.writer().startTls(asking).join();
            server.join();
            CompletableFuture<Void> answered = answer(pair.far);
            pair.near.writer().write("line\n");
            assertEquals("encrypted line", reader.readLine().join());
            answered.join();
            assertEquals("TLSv1.3", pair.near.info().get(InfoKey.TlsProtocol));
        }
    }
}
