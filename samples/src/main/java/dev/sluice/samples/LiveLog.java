package dev.sluice.samples;

import dev.sluice.async.AsyncConnection;
import dev.sluice.async.AsyncProcess;
import dev.sluice.async.AsyncServer;
import dev.sluice.async.AsyncStreamWriter;
import dev.sluice.async.AsyncStreams;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Shows in browsers what a command writes, live: a page, and the lines as server-sent events. Goes on after the command. */
public final class LiveLog {
    private static final String PAGE = String.join(
            "\n",
            "<!doctype html>",
            "<title>Live log</title>",
            "<pre id=\"log\"></pre>",
            "<script>",
            "new EventSource(\"/events\").onmessage = event => {",
            "  document.getElementById(\"log\").append(event.data + \"\\n\")",
            "}",
            "</script>",
            "");

    private final List<String> lines = new ArrayList<>();
    private CompletableFuture<Void> nextLine = new CompletableFuture<>();

    public static void main(String[] arguments) {
        LiveLog log = new LiveLog();
        AsyncServer server = AsyncStreams.startServer("127.0.0.1", Integer.parseInt(arguments[0]), log::answer)
                .join();
        InetSocketAddress address = (InetSocketAddress) server.addresses().get(0);
        System.out.println("open http://127.0.0.1:" + address.getPort() + "/");

        List<String> command = Arrays.asList(arguments).subList(1, arguments.length);
        try (AsyncProcess process = AsyncStreams.startProcess(command).join()) {
            process.stdout().forEachLine(log::add).join();
        }
        server.serveForever().join();
    }

    private void add(String line) {
        CompletableFuture<Void> awaited;
        synchronized (this) {
            lines.add(line);
            awaited = nextLine;
            nextLine = new CompletableFuture<>();
        }
        awaited.complete(null);
    }

    private CompletableFuture<?> answer(AsyncConnection client) {
        AsyncStreamWriter writer = client.writer();
        byte[] end = "\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        return client.reader().readUntil(end).thenCompose(head -> {
            String request = new String(head, StandardCharsets.ISO_8859_1);
            if (request.startsWith("GET / ")) {
                writeHead(writer, "200 OK", "text/html; charset=utf-8", "Content-Length: " + PAGE.length());
                writer.write(PAGE);
                return writer.drain();
            }
            if (request.startsWith("GET /events ")) {
                writeHead(writer, "200 OK", "text/event-stream", "Cache-Control: no-store");
                // A browser has nothing more to say: what is next to read from it is that it has left.
                CompletableFuture<?> left = client.reader().read(1).handle((nothing, lost) -> null);
                return sendFrom(0, writer, left);
            }
            writeHead(writer, "404 Not Found", "text/plain", "Content-Length: 0");
            return writer.drain();
        });
    }

    /** Sends the lines from one on, as fast as they are taken, and then waits for the next one; until the browser has left. */
    private CompletableFuture<Void> sendFrom(int index, AsyncStreamWriter writer, CompletableFuture<?> left) {
        if (left.isDone()) {
            return CompletableFuture.completedFuture(null);
        }
        List<String> news;
        CompletableFuture<Void> next;
        synchronized (this) {
            news = new ArrayList<>(lines.subList(index, lines.size()));
            next = nextLine;
        }
        news.forEach(line -> writer.write("data: " + line + "\n\n"));
        return writer.drain()
                .thenCompose(sent -> CompletableFuture.anyOf(next, left))
                .thenCompose(come -> sendFrom(index + news.size(), writer, left));
    }

    private static void writeHead(AsyncStreamWriter writer, String status, String type, String header) {
        writer.write("HTTP/1.1 " + status + "\r\nContent-Type: " + type + "\r\n" + header + "\r\n");
        writer.write("Connection: close\r\n\r\n");
    }

    private LiveLog() {}
}
