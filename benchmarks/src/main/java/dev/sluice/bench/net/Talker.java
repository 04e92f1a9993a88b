package dev.sluice.bench.net;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.LongAdder;

/** A thread of the client: one connection, or one after the other. */
final class Talker extends Thread {
    private final Dialler dialler;
    private final String address;
    private final Talk talk;
    private final LongAdder done;
    private volatile boolean finished;

    Talker(Dialler dialler, String address, Talk talk, LongAdder done) {
        super("talker");
        this.dialler = dialler;
        this.address = address;
        this.talk = talk;
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
            switch (talk) {
                case SEND -> send();
                case RECEIVE -> receive();
                case REQUEST -> request();
                case GREETING -> greet();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void send() throws IOException {
        try (Link link = dialler.connect(address)) {
            while (!finished) {
                link.send(Service.WRITE_BYTES);
                done.add(Service.WRITE_BYTES);
            }
        }
    }

    private void receive() throws IOException {
        try (Link link = dialler.connect(address)) {
            while (!finished) {
                done.add(some(link));
            }
        }
    }

    private void request() throws IOException {
        while (!finished) {
            try (Link link = dialler.connect(address)) {
                link.send(PingPong.MESSAGE_BYTES);
                for (int count = 0; count < PingPong.MESSAGE_BYTES; ) {
                    count += some(link);
                }
            }
            done.increment();
        }
    }

    private void greet() throws IOException {
        while (!finished) {
            try (Link link = dialler.connect(address)) {
                link.endOutput();
                if (link.receive() >= 0) {
                    throw new IOException("the server has sent something");
                }
            }
            done.increment();
        }
    }

    private static int some(Link link) throws IOException {
        int count = link.receive();
        if (count < 0) {
            throw new EOFException("the server closed a connection");
        }
        return count;
    }
}
