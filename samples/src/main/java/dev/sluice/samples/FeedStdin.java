package dev.sluice.samples;

import dev.sluice.async.AsyncProcess;
import dev.sluice.async.AsyncStreams;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;

/** Feeds the numbers up to 100,000 to a command, a line each, and prints what it makes of them. */
public final class FeedStdin {
    private static final int COUNT = 100_000;

    public static void main(String[] arguments) {
        try (AsyncProcess child = AsyncStreams.startProcess(arguments).join()) {
            // Begun before the feeding: a command that answers while it reads would otherwise wait for us, and we for
            // it.
            CompletableFuture<Void> printed = child.stdout().forEachLine(System.out::println);
            boolean tookAll = feed(child.stdin().asOutputStream());
            printed.join();
            if (!tookAll) {
                System.out.println("it did not want all of them");
            }
            System.out.println("ended with " + child.awaitExit().join());
        }
    }

    /** Writes as fast as the command reads, and no faster: a stream of java.io blocks. Closing it ends the command's input. */
    private static boolean feed(OutputStream stdin) {
        try (Writer lines = new BufferedWriter(new OutputStreamWriter(stdin, StandardCharsets.UTF_8))) {
            for (int number = 1; number <= COUNT; number++) {
                lines.write(number + "\n");
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private FeedStdin() {}
}
