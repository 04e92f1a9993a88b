package dev.sluice.bench.memory;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.sluice.StreamReader;
import java.io.IOException;
import kotlinx.io.ByteStringsKt;
import kotlinx.io.CoreKt;
import kotlinx.io.Source;
import kotlinx.io.SourcesKt;
import okio.BufferedSource;
import okio.ByteString;
import okio.Okio;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/**
 * Everything up to a separator, with it. Of several ones the first in the stream counts; the peers, which search for one at
 * a time, look for each of them and take the nearest.
 */
public class SeparatorBenchmark extends Measured {
    /** What the bytes are made of. */
    public enum Parts {
        /** Lines of 80 bytes. */
        CRLF(80, "\r\n"),
        /** Heads of ten lines, 400 bytes in all. */
        BLANK_LINE(400, "\r\n\r\n"),
        /** Parts of 80 bytes that end in turn with one of three. */
        ANY_OF_THREE(80, "\r\n", ";", "\0");

        private final int length;
        private final byte[][] separators;

        Parts(int length, String... separators) {
            this.length = length;
            this.separators = new byte[separators.length][];
            for (int i = 0; i < separators.length; i++) {
                this.separators[i] = separators[i].getBytes(ISO_8859_1);
            }
        }

        private byte[] prepared() {
            byte[] bytes = Agreement.parts(PREPARED, length, separators);
            if (this == BLANK_LINE) {
                for (int i = 38; i < bytes.length; i += 40) {
                    bytes[i] = '\r';
                    bytes[i + 1] = '\n';
                }
            }
            return bytes;
        }
    }

    @Param
    private Parts parts;

    private byte[][] separators;
    private ByteString[] okioSeparators;
    private kotlinx.io.bytestring.ByteString[] kotlinxSeparators;

    private StreamReader sluice;
    private BufferedSource okio;
    private Source kotlinxIo;

    @Setup
    public void open() throws Exception {
        byte[] bytes = parts.prepared();
        separators = parts.separators;
        okioSeparators = new ByteString[separators.length];
        kotlinxSeparators = new kotlinx.io.bytestring.ByteString[separators.length];
        for (int i = 0; i < separators.length; i++) {
            okioSeparators[i] = ByteString.of(separators[i]);
            kotlinxSeparators[i] = new kotlinx.io.bytestring.ByteString(separators[i], 0, separators[i].length);
        }
        sluice = new StreamReader(Endless.source(bytes));
        okio = Okio.buffer(Endless.okio(bytes));
        kotlinxIo = CoreKt.buffered(Endless.kotlinxIo(bytes));
        Agreement.mustAgree(this::sluice, this::okio, this::kotlinxIo);
    }

    @Benchmark
    public byte[] sluice() {
        return (byte[]) sluice.readUntil(separators, Caller.CALLER);
    }

    @Benchmark
    public byte[] okio() throws IOException {
        long end = Long.MAX_VALUE;
        for (ByteString separator : okioSeparators) {
            end = Math.min(end, okio.indexOf(separator) + separator.size());
        }
        return okio.readByteArray(end);
    }

    @Benchmark
    public byte[] kotlinxIo() {
        long end = Long.MAX_VALUE;
        for (kotlinx.io.bytestring.ByteString separator : kotlinxSeparators) {
            end = Math.min(end, ByteStringsKt.indexOf(kotlinxIo, separator, 0) + separator.getSize());
        }
        return SourcesKt.readByteArray(kotlinxIo, (int) end);
    }
}
