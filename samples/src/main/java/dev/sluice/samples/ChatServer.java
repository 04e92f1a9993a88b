package dev.sluice.samples;

import dev.sluice.async.AsyncConnection;
import dev.sluice.async.AsyncServer;
import dev.sluice.async.AsyncStreams;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A chat: who connects says a name on the first line, and everybody hears the others. A member who does not read what he gets is
 * put out.
 */
public final class ChatServer {
    /** How many bytes a member may fall behind, besides what the system holds for him. */
    private static final int MOST_PENDING = 256 * 1024;

    private final Set<AsyncConnection> members = ConcurrentHashMap.newKeySet();

    public static void main(String[] arguments) {
        ChatServer room = new ChatServer();
        AsyncServer server = AsyncStreams.startServer("127.0.0.1", Integer.parseInt(arguments[0]), room::host)
                .join();
        InetSocketAddress address = (InetSocketAddress) server.addresses().get(0);
        System.out.println("listening on port " + address.getPort());
        server.serveForever().join();
    }

    private CompletableFuture<Void> host(AsyncConnection member) {
        return member.reader().readLine().thenCompose(name -> {
            if (name == null) {
                return CompletableFuture.completedFuture(null);
            }
            members.add(member);
            tellAll("* " + name + " is here");
            return member.reader()
                    .forEachLine(line -> tellAll(name + ": " + line))
                    // Also when his connection is lost, or he was put out.
                    .handle((end, failure) -> {
                        members.remove(member);
                        tellAll("* " + name + " has left");
                        return null;
                    });
        });
    }

    private void tellAll(String text) {
        for (AsyncConnection member : members) {
            if (member.writer().pending() > MOST_PENDING) {
                member.abort(new IOException("too slow"));
            } else if (!member.writer().isClosing()) {
                // Never waits: nobody is held up by another one's connection.
                member.writer().write(text + "\n");
            }
        }
    }

    private ChatServer() {}
}
