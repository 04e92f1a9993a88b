package dev.sluice.samples;

import dev.sluice.InfoKey;
import dev.sluice.async.AsyncConnection;
import dev.sluice.async.AsyncServer;
import dev.sluice.async.AsyncStreams;
import dev.sluice.net.ServerOptions;
import dev.sluice.tls.TlsOptions;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.concurrent.CompletableFuture;

/**
 * Serves those alone who have a certificate that it trusts, and knows them by it.
 *
 * <p>{@code openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -keyout service.key -out service.crt} makes it an identity,
 * and the same with another name one for a client, whose certificate is what the service has to trust.
 */
public final class MutualTls {
    public static void main(String[] arguments) {
        TlsOptions tls = TlsOptions.builder()
                .identity(Path.of(arguments[1]), Path.of(arguments[2]))
                .trust(Path.of(arguments[3]))
                .clientAuth(TlsOptions.ClientAuth.NEED)
                .build();
        ServerOptions options = ServerOptions.builder()
                .tls(tls)
                // There is no connection for those who were refused.
                .onError((connection, failure) -> System.out.println((connection == null ? "refused: " : "lost: ")
                        + failure.getClass().getSimpleName()))
                .build();
        AsyncServer server = AsyncStreams.startServer(
                        "127.0.0.1", Integer.parseInt(arguments[0]), MutualTls::serve, options)
                .join();
        InetSocketAddress address = (InetSocketAddress) server.addresses().get(0);
        System.out.println("listening on port " + address.getPort());
        server.serveForever().join();
    }

    private static CompletableFuture<Void> serve(AsyncConnection connection) {
        X509Certificate certificate = (X509Certificate)
                connection.info().get(InfoKey.PeerCertificates).get(0);
        String client = certificate.getSubjectX500Principal().getName();
        return connection.reader().forEachLine(line -> connection.writer().write(client + " says " + line + "\n"));
    }

    private MutualTls() {}
}
