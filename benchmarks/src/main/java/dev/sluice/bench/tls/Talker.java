package dev.sluice.bench.tls;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.LongAdder;
import javax.net.ssl.SSLSocket;

/** A thread of the client: one connection, or one handshake after the other. */
final class Talker extends Thread {
    private final Dialler dialler;
    private final int port;
    private final Work work;
    private final LongAdder done;
    private volatile boolean finished;

    Talker(Dialler dialler, int port, Work work, LongAdder done) {
        super("talker");
        this.dialler = dialler;
        this.port = port;
        this.work = work;
        this.done = done;
    }

    /** Returns when its connection is closed. */
    void finish() throws InterruptedException {
        finished = true;
        join();
    }

    @Override
    public void run() {
        try {
            switch (work) {
                case RECEIVE -> send();
                case SEND -> receive();
                case HANDSHAKES -> shakeHands();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void send() throws IOException {
        var bytes = new byte[Work.WRITE_BYTES];
        try (SSLSocket socket = dialler.connect(port)) {
            var out = socket.getOutputStream();
            while (!finished) {
                out.write(bytes);
                done.add(bytes.length);
            }
        }
    }

    private void receive() throws IOException {
        var bytes = new byte[Work.WRITE_BYTES];
        try (SSLSocket socket = dialler.connect(port)) {
            var in = socket.getInputStream();
            while (!finished) {
                int count = in.read(bytes);
                if (count < 0) {
                    throw new EOFException("the server closed a connection");
                }
                done.add(count);
            }
        }
    }

    private void shakeHands() throws IOException {
        while (!finished) {
            try (SSLSocket socket = dialler.connect(port)) {
                socket.shutdownOutput();
                if (socket.getInputStream().read() >= 0) {
                    throw new IOException("the server has sent something");
                }
            }
            done.increment();
        }
    }
}
