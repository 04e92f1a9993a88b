package dev.sluice.bench.memory;

import dev.sluice.StreamWriter;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.concurrent.Callable;
import kotlinx.io.CoreKt;
import kotlinx.io.Sink;
import okio.BufferedSink;
import okio.Okio;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** An array, written and brought to a sink that takes everything. */
public class WriteBenchmark extends Measured {
    @Param({"64", "65536"})
    private int size;

    private byte[] data;
    private final Taking taking = new Taking();

    private StreamWriter sluice;
    private OutputStream bufferedOutputStream;
    private BufferedSink okio;
    private Sink kotlinxIo;

    @Setup
    public void open() throws Exception {
        var prepared = new ByteArrayOutputStream();
        Agreement.fill(prepared, size);
        data = prepared.toByteArray();
        sluice = new StreamWriter(taking.sink());
        bufferedOutputStream = new BufferedOutputStream(taking.outputStream());
        okio = Okio.buffer(taking.okio());
        kotlinxIo = CoreKt.buffered(taking.kotlinxIo());
        Agreement.mustAgree(
                taken(this::sluice), taken(this::bufferedOutputStream), taken(this::okio), taken(this::kotlinxIo));
    }

    /** What one write of a peer leaves in the sink. */
    private Callable<byte[]> taken(Callable<byte[]> write) {
        return () -> {
            Arrays.fill(taking.taken, (byte) 0);
            write.call();
            return taking.taken.clone();
        };
    }

    @Benchmark
    public byte[] sluice() {
        sluice.write(data);
        sluice.drain(Caller.CALLER);
        return taking.taken;
    }

    @Benchmark
    public byte[] bufferedOutputStream() throws IOException {
        bufferedOutputStream.write(data);
        bufferedOutputStream.flush();
        return taking.taken;
    }

    @Benchmark
    public byte[] okio() throws IOException {
        okio.write(data);
        okio.flush();
        return taking.taken;
    }

    @Benchmark
    public byte[] kotlinxIo() {
        kotlinxIo.write(data, 0, data.length);
        kotlinxIo.flush();
        return taking.taken;
    }
}
