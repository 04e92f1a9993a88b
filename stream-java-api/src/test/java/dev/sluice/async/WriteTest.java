package dev.sluice.async;

import static dev.sluice.async.Failures.failure;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.StreamClosedException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class WriteTest {
    @RegisterExtension
    final Pair pair = new Pair();

    private final AsyncStreamWriter writer = pair.near.writer();
    private final AsyncStreamReader peer = pair.far.reader();

    @Test
    void eachKindOfWriteAddsItsPart(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "0123456789");
        writer.write("a".getBytes(UTF_8));
        writer.write("_b_".getBytes(UTF_8), 1, 1);
        writer.write(ByteBuffer.wrap("c".getBytes(UTF_8)));
        writer.write("ü");
        writer.write("ü", ISO_8859_1);
        writer.writeLines(List.of("d\n".getBytes(UTF_8), "e\n".getBytes(UTF_8)));
        assertEquals(10, writer.sendFile(file).join());
        assertEquals(3, writer.sendFile(file, 2, 3).join());
        writer.drain().join();
        assertEquals(0, writer.pending());
        assertTrue(writer.writeLimit() > 0);
        assertTrue(writer.canWriteEof());
        writer.writeEof();
        byte[] expected = "abcü?d\ne\n0123456789234".getBytes(UTF_8);
        expected[5] = (byte) 0xfc;
        assertArrayEquals(expected, peer.read().join());
        pair.far.writer().write("still open\n");
        assertEquals("still open", pair.near.reader().readLine().join());
    }

    @Test
    void anOutputStreamClosesTheWriter() throws IOException {
        try (OutputStream out = writer.asOutputStream()) {
            out.write("bytes".getBytes(UTF_8));
        }
        assertArrayEquals("bytes".getBytes(UTF_8), peer.read().join());
        writer.awaitClosed().join();
        assertTrue(writer.isClosing());
    }

    @Test
    void anAbortDropsWhatIsPendingAndTellsItsCause() {
        IOException why = new IOException("why");
        writer.write(new byte[8 << 20]);
        pair.near.abort(why);
        assertEquals(why, failure(StreamClosedException.class, writer.drain()).getCause());
        writer.abort();
    }
}
