package dev.sluice.bench.tls;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;

/** Makes connections, each after a full handshake. */
final class Dialler {
    private final SSLContext context;
    private final AtomicLong connections = new AtomicLong();

    Dialler(SSLContext context) {
        this.context = context;
        // Sessions are kept by the name of the host, and each connection gets a new one: none is ever found again.
        context.getClientSessionContext().setSessionCacheSize(1);
    }

    SSLSocket connect(int port) throws IOException {
        long began = System.currentTimeMillis();
        var socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        String name = "host-" + connections.incrementAndGet() + ".test";
        var secured = (SSLSocket) context.getSocketFactory().createSocket(socket, name, port, true);
        SSLParameters parameters = secured.getSSLParameters();
        parameters.setProtocols(new String[] {Identity.PROTOCOL});
        parameters.setCipherSuites(new String[] {Identity.CIPHER_SUITE});
        secured.setSSLParameters(parameters);
        secured.startHandshake();
        SSLSession session = secured.getSession();
        // One that is resumed keeps the time of its beginning.
        if (session.getCreationTime() < began) {
            throw new IOException("the handshake was not a full one");
        }
        return secured;
    }
}
