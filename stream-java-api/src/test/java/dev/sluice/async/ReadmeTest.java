package dev.sluice.async;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.LengthPrefixed;
import dev.sluice.RelayResult;
import dev.sluice.Throttle;
import dev.sluice.net.ServerOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What README.md and docs/java.md tell Java users to write. */
@Timeout(120)
final class ReadmeTest {
    private static String printed(Runnable program) {
        PrintStream before = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            program.run();
        } finally {
            System.setOut(before);
        }
        return printed.toString(StandardCharsets.UTF_8);
    }

    @Test
    void theFirstExample() {
        assertEquals("Hello World!\n", printed(() -> {
            // example
            AsyncServer server = AsyncStreams.startServer(
                            "127.0.0.1",
                            8888,
                            connection -> connection.reader().readLineBytes().thenCompose(line -> {
                                connection.writer().write(line);
                                return connection.writer().drain();
                            }))
                    .join();

            try (AsyncConnection connection =
                    AsyncStreams.openConnection("127.0.0.1", 8888).join()) {
                connection.writer().write("Hello World!\n");
                String answer = connection.reader().readLine().join();
                System.out.println(answer);
            }
            server.close();
            // end
        }));
    }

    @Test
    void theExampleOfThePage() {
        assertEquals("ONE\nTWO\n", printed(() -> {
            // example
            ServerOptions options = ServerOptions.builder().maxConnections(1000).build();
            AsyncServer server = AsyncStreams.startServer(
                            "127.0.0.1",
                            0,
                            connection -> connection
                                    .reader()
                                    .forEachLine(
                                            line -> connection.writer().write(line.toUpperCase(Locale.ROOT) + "\n")),
                            options)
                    .join();

            int port = ((InetSocketAddress) server.addresses().get(0)).getPort();
            try (AsyncConnection connection =
                    AsyncStreams.openConnection("127.0.0.1", port).join()) {
                connection.writer().write("one\ntwo\n");
                connection.writer().writeEof();
                connection.reader().forEachLine(System.out::println).join();
            }
            server.close();
            // end
        }));
    }

    // example
    static CompletableFuture<Void> echo(AsyncConnection connection) {
        return connection.reader().readLineBytes().thenCompose(line -> {
            if (line.length == 0) {
                return CompletableFuture.completedFuture(null);
            }
            connection.writer().write(line);
            return connection.writer().drain().thenCompose(done -> echo(connection));
        });
    }
    // end

    private static byte @Nullable [] ping(
            AsyncConnection client,
            AsyncConnection upstream,
            AsyncStreamReader reader,
            long contentLength,
            AsyncConnection connection) {
        // example
        CompletableFuture<RelayResult> relayed = AsyncStreams.relay(client, upstream);
        AsyncStreamReader body = reader.limited(contentLength).throttled(new Throttle(1 << 20));
        AsyncFramed<byte[]> messages = connection.framed(new LengthPrefixed(4, 1 << 20));
        messages.send("ping".getBytes(UTF_8)).join();
        byte[] answer = messages.receive().join(); // null at the end
        // end
        assertTrue(relayed.cancel(true));
        assertEquals("abc", new String(body.read().join(), UTF_8));
        return answer;
    }

    @Test
    void theExampleOfRelaysLimitsAndMessages() {
        try (Pair left = new Pair();
                Pair right = new Pair();
                Pair content = new Pair();
                Pair peer = new Pair()) {
            content.near.writer().write("abcdef");
            AsyncFramed<byte[]> messages = peer.far.framed(new LengthPrefixed(4, 1 << 20));
            CompletableFuture<@Nullable Void> answered = messages.receive().thenCompose(messages::send);
            byte[] answer = ping(left.far, right.near, content.far.reader(), 3, peer.near);
            answered.join();
            assertArrayEquals("ping".getBytes(UTF_8), answer);
        }
    }

    @Test
    void eachExampleStandsInThisFile() throws IOException {
        String source = withoutSpace(Files.readString(Path.of("src/test/java/dev/sluice/async/ReadmeTest.java")));
        int count = 0;
        for (Path page : new Path[] {Path.of("../README.md"), Path.of("../docs/java.md")}) {
            Matcher blocks =
                    Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(page));
            while (blocks.find()) {
                assertTrue(source.contains(withoutSpace(blocks.group(1))), blocks.group(1));
                count++;
            }
        }
        assertEquals(4, count);
    }

    private static String withoutSpace(String code) {
        return code.replaceAll("\\s+", "");
    }
}
