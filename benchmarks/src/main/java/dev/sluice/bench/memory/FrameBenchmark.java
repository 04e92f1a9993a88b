package dev.sluice.bench.memory;

import dev.sluice.StreamReader;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import kotlinx.io.CoreKt;
import kotlinx.io.Source;
import kotlinx.io.SourcesKt;
import okio.BufferedSource;
import okio.Okio;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** A frame: four bytes that tell the length, then so many bytes, which are the result. */
public class FrameBenchmark extends Measured {
    @Param({"64", "4096", "65536", "1048576"})
    private int payload;

    private StreamReader sluice;
    private DataInputStream dataInputStream;
    private BufferedSource okio;
    private Source kotlinxIo;

    @Setup
    public void open() throws Exception {
        byte[] bytes = frames();
        sluice = new StreamReader(Endless.source(bytes));
        dataInputStream = new DataInputStream(new BufferedInputStream(Endless.inputStream(bytes)));
        okio = Okio.buffer(Endless.okio(bytes));
        kotlinxIo = CoreKt.buffered(Endless.kotlinxIo(bytes));
        Agreement.mustAgree(this::sluice, this::dataInputStream, this::okio, this::kotlinxIo);
    }

    private byte[] frames() {
        var bytes = new ByteArrayOutputStream();
        do {
            bytes.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(payload).array());
            Agreement.fill(bytes, payload);
        } while (bytes.size() < PREPARED);
        return bytes.toByteArray();
    }

    @Benchmark
    public byte[] sluice() {
        byte[] length = (byte[]) sluice.readExactly(Integer.BYTES, Caller.CALLER);
        return (byte[]) sluice.readExactly(ByteBuffer.wrap(length).getInt(), Caller.CALLER);
    }

    @Benchmark
    public byte[] dataInputStream() throws IOException {
        byte[] bytes = new byte[dataInputStream.readInt()];
        dataInputStream.readFully(bytes);
        return bytes;
    }

    @Benchmark
    public byte[] okio() throws IOException {
        return okio.readByteArray(okio.readInt());
    }

    @Benchmark
    public byte[] kotlinxIo() {
        return SourcesKt.readByteArray(kotlinxIo, kotlinxIo.readInt());
    }
}
