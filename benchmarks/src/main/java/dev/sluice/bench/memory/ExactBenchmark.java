package dev.sluice.bench.memory;

import dev.sluice.StreamReader;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import kotlinx.io.CoreKt;
import kotlinx.io.Source;
import kotlinx.io.SourcesKt;
import okio.BufferedSource;
import okio.Okio;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** A frame whose size is known beforehand, as a new array. */
public class ExactBenchmark extends Measured {
    @Param({"16", "4096"})
    private int size;

    private StreamReader sluice;
    private DataInputStream dataInputStream;
    private BufferedSource okio;
    private Source kotlinxIo;

    @Setup
    public void open() throws Exception {
        var prepared = new ByteArrayOutputStream();
        Agreement.fill(prepared, PREPARED);
        byte[] bytes = prepared.toByteArray();
        sluice = new StreamReader(Endless.source(bytes));
        dataInputStream = new DataInputStream(new BufferedInputStream(Endless.inputStream(bytes)));
        okio = Okio.buffer(Endless.okio(bytes));
        kotlinxIo = CoreKt.buffered(Endless.kotlinxIo(bytes));
        Agreement.mustAgree(this::sluice, this::dataInputStream, this::okio, this::kotlinxIo);
    }

    @Benchmark
    public byte[] sluice() {
        return (byte[]) sluice.readExactly(size, Caller.CALLER);
    }

    @Benchmark
    public byte[] dataInputStream() throws IOException {
        byte[] bytes = new byte[size];
        dataInputStream.readFully(bytes);
        return bytes;
    }

    @Benchmark
    public byte[] okio() throws IOException {
        return okio.readByteArray(size);
    }

    @Benchmark
    public byte[] kotlinxIo() {
        return SourcesKt.readByteArray(kotlinxIo, size);
    }
}
