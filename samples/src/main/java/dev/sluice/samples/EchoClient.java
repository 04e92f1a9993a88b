package dev.sluice.samples;

import dev.sluice.async.AsyncConnection;
import dev.sluice.async.AsyncStreams;

/** Sends each of its arguments as a line, and waits for the answer before it sends the next one. */
public final class EchoClient {
    public static void main(String[] arguments) {
        String host = arguments[0];
        int port = Integer.parseInt(arguments[1]);
        AsyncConnection connection = AsyncStreams.openConnection(host, port).join();
        try (connection) {
            for (int i = 2; i < arguments.length; i++) {
                System.out.println("send: " + arguments[i]);
                connection.writer().write(arguments[i] + "\n");
                connection.writer().drain().join();
                String answer = connection.reader().readLine().join();
                System.out.println("received: " + (answer == null ? "the end" : answer));
            }
        }
        // What goes wrong in closing is told here.
        connection.awaitClosed().join();
    }

    private EchoClient() {}
}
