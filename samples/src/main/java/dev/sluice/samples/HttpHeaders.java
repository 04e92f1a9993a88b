package dev.sluice.samples;

import dev.sluice.async.AsyncConnection;
import dev.sluice.async.AsyncStreams;
import dev.sluice.net.ConnectOptions;
import dev.sluice.tls.TlsOptions;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Prints the HTTP headers of a URL. For https a second argument names a certificate to trust instead of the JVM's. */
public final class HttpHeaders {
    public static void main(String[] arguments) {
        URI url = URI.create(arguments[0]);
        boolean isSecure = url.getScheme().equals("https");
        ConnectOptions.Builder options = ConnectOptions.builder();
        if (isSecure) {
            TlsOptions.Builder tls = TlsOptions.builder();
            if (arguments.length > 1) {
                tls.trust(Path.of(arguments[1]));
            }
            options.tls(tls.build());
        }
        int port = url.getPort() >= 0 ? url.getPort() : isSecure ? 443 : 80;
        String path = url.getRawPath().isEmpty() ? "/" : url.getRawPath();
        String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();

        try (AsyncConnection connection = AsyncStreams.openConnection(url.getHost(), port, options.build())
                .join()) {
            connection.writer().write("HEAD " + path + query + " HTTP/1.1\r\n");
            connection.writer().write("Host: " + url.getRawAuthority() + "\r\nConnection: close\r\n\r\n");
            while (true) {
                String line = connection
                        .reader()
                        .readLine(StandardCharsets.ISO_8859_1)
                        .join();
                if (line == null || line.isEmpty()) {
                    return;
                }
                System.out.println(line);
            }
        }
    }

    private HttpHeaders() {}
}
