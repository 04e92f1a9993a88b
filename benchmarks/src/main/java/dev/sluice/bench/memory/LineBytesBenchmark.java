package dev.sluice.bench.memory;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.StreamReader;
import java.io.IOException;
import kotlinx.io.CoreKt;
import kotlinx.io.Source;
import kotlinx.io.SourcesKt;
import okio.BufferedSource;
import okio.Okio;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** One line as bytes, its end included. The JDK's readers give lines as text only: see {@link LineTextBenchmark}. */
public class LineBytesBenchmark extends Measured {
    @Param({"20", "80", "2048"})
    private int length;

    private StreamReader sluice;
    private BufferedSource okio;
    private Source kotlinxIo;

    @Setup
    public void open() throws Exception {
        byte[] bytes = Agreement.parts(PREPARED, length, "\n".getBytes(US_ASCII));
        sluice = new StreamReader(Endless.source(bytes));
        okio = Okio.buffer(Endless.okio(bytes));
        kotlinxIo = CoreKt.buffered(Endless.kotlinxIo(bytes));
        Agreement.mustAgree(this::sluice, this::okio, this::kotlinxIo);
    }

    @Benchmark
    public byte[] sluice() {
        return (byte[]) sluice.readLineBytes(Caller.CALLER);
    }

    @Benchmark
    public byte[] okio() throws IOException {
        return okio.readByteArray(okio.indexOf((byte) '\n') + 1);
    }

    @Benchmark
    public byte[] kotlinxIo() {
        long end = SourcesKt.indexOf(kotlinxIo, (byte) '\n', 0, Long.MAX_VALUE);
        return SourcesKt.readByteArray(kotlinxIo, (int) end + 1);
    }
}
