package dev.sluice.bench.memory;

import dev.sluice.StreamReader;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import kotlinx.io.CoreKt;
import kotlinx.io.Source;
import kotlinx.io.SourcesJvmKt;
import okio.BufferedSource;
import okio.Okio;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Whatever is there, into the caller's own ByteBuffer; nothing is to be allocated. */
public class ReadIntoBenchmark extends Measured {
    @Param({"64", "8192"})
    private int size;

    private ByteBuffer into;

    private StreamReader sluice;
    private InputStream bufferedInputStream;
    private BufferedSource okio;
    private Source kotlinxIo;

    @Setup
    public void open() throws Exception {
        var prepared = new ByteArrayOutputStream();
        Agreement.fill(prepared, PREPARED);
        byte[] bytes = prepared.toByteArray();
        into = ByteBuffer.allocate(size);
        sluice = new StreamReader(Endless.source(bytes));
        bufferedInputStream = new BufferedInputStream(Endless.inputStream(bytes));
        okio = Okio.buffer(Endless.okio(bytes));
        kotlinxIo = CoreKt.buffered(Endless.kotlinxIo(bytes));
        Agreement.mustAgree(
                () -> copy(sluice()), () -> copy(bufferedInputStream()), () -> copy(okio()), () -> copy(kotlinxIo()));
    }

    private static byte[] copy(ByteBuffer read) {
        return read.array().clone();
    }

    @Benchmark
    public ByteBuffer sluice() {
        into.clear();
        while (into.hasRemaining()) {
            sluice.read(into, Caller.CALLER);
        }
        return into;
    }

    @Benchmark
    public ByteBuffer bufferedInputStream() throws IOException {
        into.clear();
        while (into.hasRemaining()) {
            int count = bufferedInputStream.read(into.array(), into.position(), into.remaining());
            into.position(into.position() + count);
        }
        return into;
    }

    @Benchmark
    public ByteBuffer okio() throws IOException {
        into.clear();
        while (into.hasRemaining()) {
            okio.read(into);
        }
        return into;
    }

    @Benchmark
    public ByteBuffer kotlinxIo() {
        into.clear();
        while (into.hasRemaining()) {
            SourcesJvmKt.readAtMostTo(kotlinxIo, into);
        }
        return into;
    }
}
