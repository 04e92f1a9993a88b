package dev.sluice.bench.memory;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.StreamReader;
import dev.sluice.async.AsyncStreamReader;
import dev.sluice.async.AsyncStreams;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import kotlinx.io.CoreKt;
import kotlinx.io.Source;
import kotlinx.io.Utf8Kt;
import okio.BufferedSource;
import okio.Okio;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** One line as text, decoded from UTF-8, without its end. */
public class LineTextBenchmark extends Measured {
    @Param({"20", "80", "2048"})
    private int length;

    private StreamReader sluice;
    private AsyncStreamReader facade;
    private BufferedReader bufferedReader;
    private BufferedSource okio;
    private Source kotlinxIo;

    @Setup
    public void open() throws Exception {
        byte[] bytes = Agreement.parts(PREPARED, length, "\n".getBytes(US_ASCII));
        sluice = new StreamReader(Endless.source(bytes));
        facade = AsyncStreams.of(new StreamReader(Endless.source(bytes)));
        bufferedReader = new BufferedReader(new InputStreamReader(Endless.inputStream(bytes), UTF_8));
        okio = Okio.buffer(Endless.okio(bytes));
        kotlinxIo = CoreKt.buffered(Endless.kotlinxIo(bytes));
        Agreement.mustAgree(this::sluice, this::facade, this::bufferedReader, this::okio, this::kotlinxIo);
    }

    @Benchmark
    public String sluice() {
        return (String) sluice.readLine(UTF_8, Caller.CALLER);
    }

    @Benchmark
    public String facade() {
        return facade.readLine().join();
    }

    @Benchmark
    public String bufferedReader() throws IOException {
        return bufferedReader.readLine();
    }

    @Benchmark
    public String okio() throws IOException {
        return okio.readUtf8Line();
    }

    @Benchmark
    public String kotlinxIo() {
        return Utf8Kt.readLine(kotlinxIo);
    }
}
