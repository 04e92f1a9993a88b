package dev.sluice.bench.memory;

import dev.sluice.StreamReader;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import kotlinx.io.CoreKt;
import kotlinx.io.Source;
import okio.BufferedSource;
import okio.Okio;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Whatever is there, up to a size, as a new array. */
public class ReadBenchmark extends Measured {
    @Param({"64", "8192"})
    private int size;

    private StreamReader sluice;
    private InputStream bufferedInputStream;
    private BufferedSource okio;
    private Source kotlinxIo;

    @Setup
    public void open() throws Exception {
        var prepared = new ByteArrayOutputStream();
        Agreement.fill(prepared, PREPARED);
        byte[] bytes = prepared.toByteArray();
        sluice = new StreamReader(Endless.source(bytes));
        bufferedInputStream = new BufferedInputStream(Endless.inputStream(bytes));
        okio = Okio.buffer(Endless.okio(bytes));
        kotlinxIo = CoreKt.buffered(Endless.kotlinxIo(bytes));
        Agreement.mustAgree(this::sluice, this::bufferedInputStream, this::okio, this::kotlinxIo);
    }

    @Benchmark
    public byte[] sluice() {
        return (byte[]) sluice.read(size, Caller.CALLER);
    }

    @Benchmark
    public byte[] bufferedInputStream() throws IOException {
        byte[] bytes = new byte[size];
        return whole(bytes, bufferedInputStream.read(bytes));
    }

    @Benchmark
    public byte[] okio() throws IOException {
        byte[] bytes = new byte[size];
        return whole(bytes, okio.read(bytes));
    }

    @Benchmark
    public byte[] kotlinxIo() {
        byte[] bytes = new byte[size];
        return whole(bytes, kotlinxIo.readAtMostTo(bytes, 0, size));
    }

    private static byte[] whole(byte[] bytes, int count) {
        return count == bytes.length ? bytes : Arrays.copyOf(bytes, count);
    }
}
