package dev.sluice.async;

import static dev.sluice.async.Failures.failure;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.IncompleteReadException;
import dev.sluice.LimitOverrunException;
import dev.sluice.StreamClosedException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(120)
final class ReadTest {
    @RegisterExtension
    final Pair pair = new Pair();

    private final AsyncStreamReader reader = pair.near.reader();
    private final AsyncStreamWriter peer = pair.far.writer();

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    @Test
    void eachKindOfReadGivesItsPart() {
        peer.write("0123456789a\r\nb;c\nline\nlatin \n".replace("latin ", "latin"));
        peer.write(new byte[] {(byte) 0xe4, '\n'});
        assertArrayEquals(bytes("0123"), reader.readExactly(4).join());
        assertArrayEquals(bytes("45"), reader.read(2).join());
        ByteBuffer into = ByteBuffer.allocate(3);
        assertEquals(3, reader.read(into).join());
        assertArrayEquals(bytes("678"), into.array());
        assertEquals(1, reader.skip(1).join());
        assertEquals("a", reader.readLine().join());
        assertArrayEquals(bytes("b;"), reader.readUntil(bytes(";"), bytes("\n")).join());
        assertEquals(2, reader.skipUntil().join());
        assertArrayEquals(bytes("line\n"), reader.readLineBytes().join());
        assertEquals("latin", reader.readLine(ISO_8859_1).join());
        assertEquals("ä", reader.readLine(ISO_8859_1).join());
        peer.write("the rest");
        peer.close();
        assertArrayEquals(bytes("the rest"), reader.read().join());
    }

    @Test
    void atTheEndThereIsNullOrNothing() {
        peer.close();
        assertNull(reader.readLine().join());
        assertEquals(0, reader.readLineBytes().join().length);
        assertEquals(0, reader.read(10).join().length);
        assertEquals(-1, reader.read(ByteBuffer.allocate(1)).join());
        assertTrue(reader.atEof());
    }

    @Test
    void whatFailsIsTheExceptionItself() {
        peer.write("part");
        peer.close();
        IncompleteReadException incomplete = failure(IncompleteReadException.class, reader.readExactly(10));
        assertArrayEquals(bytes("part"), incomplete.getPartial());
        assertEquals(10, incomplete.getExpected());
        reader.close();
        failure(StreamClosedException.class, reader.read());
        failure(IllegalArgumentException.class, reader.readExactly(-1));
    }

    @Test
    void aLineOverTheLimitIsRefusedAndCanBeSkipped() {
        peer.write("x".repeat(reader.limit() + 1) + "\nnext\n");
        failure(LimitOverrunException.class, reader.readLine());
        assertEquals(reader.limit() + 2, reader.skipUntil().join().intValue());
        assertEquals("next", reader.readLine().join());
    }

    @Test
    void aSecondReadMeanwhileIsRefusedAndTheFirstGoesOn() {
        CompletableFuture<String> first = reader.readLine();
        failure(IllegalStateException.class, reader.readLine());
        peer.write("for the first\n");
        assertEquals("for the first", first.join());
    }

    @Test
    void textIsDecodedAsItComes() {
        peer.write("grüße\nund mehr");
        peer.close();
        assertEquals("grüße\nund mehr", reader.text(UTF_8, false).read().join());
    }

    @Test
    void forEachLineGivesEachLineAndEndsWithTheStreamOrTheFirstException() {
        List<String> lines = new ArrayList<>();
        peer.write("one\ntwo\nthree");
        peer.close();
        reader.forEachLine(lines::add).join();
        assertEquals(List.of("one", "two", "three"), lines);

        try (Pair other = new Pair()) {
            other.far.writer().write("one\ntwo\n");
            RuntimeException stop = new IllegalArgumentException("enough");
            CompletableFuture<Void> stopped = other.near.reader().forEachLine(line -> {
                throw stop;
            });
            assertSame(stop, failure(IllegalArgumentException.class, stopped));
            assertEquals("two", other.near.reader().readLine().join());
        }
    }

    @Test
    void copyToMovesEverythingAndLeavesTheWriterOpen() {
        try (Pair other = new Pair()) {
            peer.write("all of it");
            peer.close();
            assertEquals(9, reader.copyTo(other.near.writer()).join().intValue());
            other.near.writer().write("\n");
            assertEquals("all of it", other.far.reader().readLine().join());
        }
    }

    @Test
    void anInputStreamHasTheSameBytes() throws IOException {
        peer.write("bytes");
        peer.close();
        try (InputStream in = reader.asInputStream()) {
            assertArrayEquals(bytes("bytes"), in.readAllBytes());
        }
    }

    @Test
    void theKotlinObjectIsTheOneThatWasWrapped() {
        assertSame(reader.unwrap(), AsyncStreams.of(reader.unwrap()).unwrap());
        assertSame(peer.unwrap(), AsyncStreams.of(peer.unwrap()).unwrap());
        assertSame(pair.near.unwrap(), AsyncStreams.of(pair.near.unwrap()).unwrap());
        assertFalse(reader.toString().isEmpty());
        assertEquals(pair.near.unwrap().getInfo().toString(), pair.near.info().toString());
    }
}
