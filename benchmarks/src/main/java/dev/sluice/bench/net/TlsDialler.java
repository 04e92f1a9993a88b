package dev.sluice.bench.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;

/** Makes each connection with a full handshake, by the JDK's own blocking sockets. */
final class TlsDialler implements Dialler {
    private final SSLContext context;
    private final AtomicLong connections = new AtomicLong();

    TlsDialler(SSLContext context) {
        this.context = context;
        // Sessions are kept by the name of the host, and each connection gets a new one: none is ever found again.
        context.getClientSessionContext().setSessionCacheSize(1);
    }

    @Override
    public Link connect(String address) throws IOException {
        int port = Integer.parseInt(address);
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
        return new TlsLink(secured);
    }

    private record TlsLink(SSLSocket socket, byte[] bytes) implements Link {
        TlsLink(SSLSocket socket) {
            this(socket, new byte[Service.WRITE_BYTES]);
        }

        @Override
        public void send(int count) throws IOException {
            socket.getOutputStream().write(bytes, 0, count);
        }

        @Override
        public int receive() throws IOException {
            return socket.getInputStream().read(bytes);
        }

        @Override
        public void endOutput() throws IOException {
            socket.shutdownOutput();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
