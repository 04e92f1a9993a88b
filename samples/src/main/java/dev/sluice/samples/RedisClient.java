package dev.sluice.samples;

import dev.sluice.async.AsyncConnection;
import dev.sluice.async.AsyncStreamReader;
import dev.sluice.async.AsyncStreams;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/** Sends a command to a Redis server and prints the reply; without a command, three of them in one go. */
public final class RedisClient implements AutoCloseable {
    public static void main(String[] arguments) {
        AsyncConnection connection = AsyncStreams.openConnection(arguments[0], Integer.parseInt(arguments[1]))
                .join();
        try (RedisClient redis = new RedisClient(connection)) {
            if (arguments.length > 2) {
                String[] command = Arrays.copyOfRange(arguments, 2, arguments.length);
                System.out.println(Objects.toString(redis.send(command).join(), "(nothing)"));
            } else {
                List<CompletableFuture<Object>> replies = List.of(
                        redis.send("SET", "sluice", "41"), redis.send("INCR", "sluice"), redis.send("GET", "sluice"));
                replies.forEach(reply -> System.out.println(reply.join()));
            }
        }
    }

    private static final CompletableFuture<Object> NOTHING = CompletableFuture.completedFuture(null);

    private final AsyncConnection connection;
    private CompletableFuture<?> lastReply = CompletableFuture.completedFuture(null);

    private RedisClient(AsyncConnection connection) {
        this.connection = connection;
    }

    /**
     * Sends a command at once, though others may wait for their replies; any thread may. The reply is a string, a number, a list of
     * such, null, or a {@link RedisError}.
     */
    private synchronized CompletableFuture<Object> send(String... command) {
        connection.writer().write("*" + command.length + "\r\n");
        for (String word : command) {
            byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
            connection.writer().write("$" + bytes.length + "\r\n");
            connection.writer().write(bytes);
            connection.writer().write("\r\n");
        }
        // Replies come in the order of the commands.
        CompletableFuture<Object> reply = lastReply.thenCompose(before -> readReply(connection.reader()));
        lastReply = reply;
        return reply;
    }

    private static CompletableFuture<Object> readReply(AsyncStreamReader reader) {
        return reader.readLine().thenCompose(line -> {
            if (line == null) {
                return CompletableFuture.failedFuture(new EOFException("the server has gone"));
            }
            String text = line.substring(1);
            switch (line.charAt(0)) {
                case '+':
                    return CompletableFuture.completedFuture(text);
                case '-':
                    return CompletableFuture.completedFuture(new RedisError(text));
                case ':':
                    return CompletableFuture.completedFuture(Long.valueOf(text));
                case '$':
                    return text.equals("-1") ? NOTHING : readBulk(reader, Integer.parseInt(text));
                case '*':
                    return text.equals("-1") ? NOTHING : readItems(reader, Integer.parseInt(text), new ArrayList<>());
                default:
                    return CompletableFuture.failedFuture(new IOException("not a reply of Redis: " + line));
            }
        });
    }

    private static CompletableFuture<Object> readBulk(AsyncStreamReader reader, int length) {
        return reader.readExactly(length)
                .thenCompose(bytes -> reader.skip(2).thenApply(end -> new String(bytes, StandardCharsets.UTF_8)));
    }

    private static CompletableFuture<Object> readItems(AsyncStreamReader reader, int count, List<Object> items) {
        if (items.size() == count) {
            return CompletableFuture.completedFuture(items);
        }
        return readReply(reader).thenCompose(item -> {
            items.add(item);
            return readItems(reader, count, items);
        });
    }

    /** What the server says of a command that it does not carry out. */
    private static final class RedisError {
        private final String message;

        RedisError(String message) {
            this.message = message;
        }

        @Override
        public String toString() {
            return "error: " + message;
        }
    }

    @Override
    public void close() {
        connection.close();
    }
}
