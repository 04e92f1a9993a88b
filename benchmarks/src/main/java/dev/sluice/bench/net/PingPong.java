package dev.sluice.bench.net;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** A connection with one message of 64 bytes under way, which the server has to send back. */
final class PingPong {
    static final int MESSAGE_BYTES = 64;

    final SocketChannel channel;
    private final ByteBuffer message = ByteBuffer.allocateDirect(MESSAGE_BYTES);
    private final ByteBuffer answer = ByteBuffer.allocateDirect(MESSAGE_BYTES);
    private long sent;

    /** @param channel which is connected */
    PingPong(SocketChannel channel) {
        this.channel = channel;
        while (message.hasRemaining()) {
            message.put((byte) System.identityHashCode(this));
        }
    }

    void send(long now) throws IOException {
        sent = now;
        if (channel.write(message.clear()) < MESSAGE_BYTES) {
            throw new IOException("the socket's buffer holds less than one message");
        }
    }

    /** Whether the answer is complete now. */
    boolean receive() throws IOException {
        if (channel.read(answer) < 0) {
            throw new EOFException("the server closed a connection");
        }
        if (answer.hasRemaining()) {
            return false;
        }
        if (answer.clear().mismatch(message.clear()) >= 0) {
            throw new IOException("the server sent back something else");
        }
        return true;
    }

    /** Closes it, after the answer under way: bytes left unread would reset the connection, which servers report as a fault. */
    void finish() throws IOException {
        channel.configureBlocking(true);
        while (!receive()) {
            // The rest of it is on its way.
        }
        channel.close();
    }

    /** When the message was sent, as {@link #send} was told. */
    long sent() {
        return sent;
    }
}
