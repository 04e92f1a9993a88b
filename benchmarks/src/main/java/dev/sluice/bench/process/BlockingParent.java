package dev.sluice.bench.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** By hand: ProcessBuilder, the JDK's blocking streams, and a thread for each stream that may have to wait. */
final class BlockingParent implements Parent {
    @Override
    public void cat(long bytes) throws Exception {
        Process cat = new ProcessBuilder("cat").start();
        var writer = new Thread(() -> write(cat, bytes));
        writer.start();
        long count = 0;
        byte[] into = new byte[CHUNK];
        try (InputStream out = cat.getInputStream()) {
            int some;
            while ((some = out.read(into)) >= 0) {
                count += some;
            }
        }
        writer.join();
        Parent.check(count == bytes && cat.waitFor() == 0);
    }

    private static void write(Process cat, long bytes) {
        byte[] chunk = new byte[CHUNK];
        try (OutputStream in = cat.getOutputStream()) {
            for (long left = bytes; left > 0; left -= CHUNK) {
                in.write(chunk);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void start() throws Exception {
        Process echo = new ProcessBuilder("echo", "hello").start();
        try (BufferedReader lines = echo.inputReader()) {
            Parent.check("hello".equals(lines.readLine()) && echo.waitFor() == 0);
        }
    }

    @Override
    public Herd herd(int size) throws Exception {
        List<Animal> animals = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            animals.add(new Animal());
        }
        return new Herd() {
            @Override
            public void ask() throws Exception {
                var answers = new CountDownLatch(size);
                for (Animal animal : animals) {
                    animal.ask(answers);
                }
                answers.await();
            }

            @Override
            public void close() {
                animals.forEach(it -> it.cat.destroyForcibly());
            }
        };
    }

    private static final class Animal {
        final Process cat = new ProcessBuilder("cat").start();
        private final OutputStream in = cat.getOutputStream();
        private volatile CountDownLatch answers;

        Animal() throws IOException {
            var reader = new Thread(this::read);
            reader.setDaemon(true);
            reader.start();
        }

        void ask(CountDownLatch answers) throws IOException {
            this.answers = answers;
            in.write("hello\n".getBytes());
            in.flush();
        }

        private void read() {
            try (BufferedReader lines = cat.inputReader()) {
                while ("hello".equals(lines.readLine())) {
                    answers.countDown();
                }
            } catch (IOException ended) {
                // It was destroyed, and with it its stream.
            }
        }
    }
}
