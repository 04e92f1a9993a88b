package dev.sluice.bench.process;

import com.zaxxer.nuprocess.NuAbstractProcessHandler;
import com.zaxxer.nuprocess.NuProcess;
import com.zaxxer.nuprocess.NuProcessBuilder;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** NuProcess: one thread for all pipes, callbacks. */
final class NuParent implements Parent {
    @Override
    public void cat(long bytes) throws Exception {
        var through = new Through(bytes);
        NuProcess cat = new NuProcessBuilder(through, "cat").start();
        cat.wantWrite();
        Parent.check(cat.waitFor(0, TimeUnit.SECONDS) == 0 && through.count == bytes);
    }

    private static final class Through extends NuAbstractProcessHandler {
        private NuProcess process;
        private long left;
        private volatile long count;

        Through(long bytes) {
            left = bytes;
        }

        @Override
        public void onPreStart(NuProcess process) {
            this.process = process;
        }

        @Override
        public boolean onStdinReady(ByteBuffer buffer) {
            int some = (int) Math.min(left, buffer.capacity());
            left -= some;
            buffer.position(0).limit(some);
            if (left == 0) {
                process.closeStdin(false);
            }
            return left > 0;
        }

        @Override
        public void onStdout(ByteBuffer buffer, boolean closed) {
            count += buffer.remaining();
            buffer.position(buffer.limit());
        }
    }

    @Override
    public void start() throws Exception {
        var line = new Line();
        Parent.check(new NuProcessBuilder(line, "echo", "hello").start().waitFor(0, TimeUnit.SECONDS) == 0
                && line.count == 6);
    }

    private static final class Line extends NuAbstractProcessHandler {
        private volatile int count;

        @Override
        public void onStdout(ByteBuffer buffer, boolean closed) {
            count += buffer.remaining();
            buffer.position(buffer.limit());
        }
    }

    @Override
    public Herd herd(int size) {
        List<Animal> animals = new ArrayList<>();
        List<NuProcess> cats = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            var animal = new Animal();
            animals.add(animal);
            cats.add(new NuProcessBuilder(animal, "cat").start());
        }
        return new Herd() {
            @Override
            public void ask() throws Exception {
                var answers = new CountDownLatch(size);
                for (Animal animal : animals) {
                    animal.answers = answers;
                }
                for (NuProcess cat : cats) {
                    cat.writeStdin(ByteBuffer.wrap("hello\n".getBytes()));
                }
                answers.await();
            }

            @Override
            public void close() {
                cats.forEach(it -> it.destroy(true));
            }
        };
    }

    private static final class Animal extends NuAbstractProcessHandler {
        private volatile CountDownLatch answers;

        @Override
        public void onStdout(ByteBuffer buffer, boolean closed) {
            while (buffer.hasRemaining()) {
                if (buffer.get() == '\n') {
                    answers.countDown();
                }
            }
        }
    }
}
