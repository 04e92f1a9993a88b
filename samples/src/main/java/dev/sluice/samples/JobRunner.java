package dev.sluice.samples;

import dev.sluice.async.AsyncSandbox;
import dev.sluice.async.AsyncStreams;
import dev.sluice.process.SandboxOptions;
import dev.sluice.process.StreamType;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * Runs shell commands all at once, each in a sandbox of its own, and shows what they write as it comes,
 * above a line for each that says how it is doing.
 */
public final class JobRunner {
    private static final SandboxOptions OPTIONS = SandboxOptions.builder()
            .stderr(StreamType.MERGED)
            .timeout(Duration.ofMinutes(1))
            .build();

    private final boolean isTerminal = System.console() != null;
    private final String[] states;
    private int shown;

    public static void main(String[] commands) {
        JobRunner runner = new JobRunner(commands.length);
        CompletableFuture<?>[] jobs = IntStream.range(0, commands.length)
                .mapToObj(job -> runner.run(job, commands[job]))
                .toArray(CompletableFuture<?>[]::new);
        CompletableFuture.allOf(jobs).join();
    }

    private JobRunner(int jobs) {
        states = new String[jobs];
        Arrays.fill(states, "waiting");
    }

    private CompletableFuture<Void> run(int job, String command) {
        return AsyncStreams.createSandbox(List.of("sh", "-c", command), OPTIONS)
                .thenCompose(sandbox -> follow(job, sandbox)
                        // On another thread than that which reads for all of them: removing a folder takes its time.
                        .whenCompleteAsync((end, failure) -> sandbox.close()));
    }

    private CompletableFuture<Void> follow(int job, AsyncSandbox sandbox) {
        AtomicInteger lines = new AtomicInteger();
        return sandbox.stdout()
                .forEachLine(line -> show(job, "running, " + lines.incrementAndGet() + " lines", line))
                .thenCompose(end -> sandbox.awaitExit())
                .thenAccept(code -> {
                    String end = "ended with " + code + " after " + lines + " lines";
                    show(job, end, end);
                });
    }

    /** The state of each job stays at the bottom of the terminal; elsewhere there are only the lines. */
    private synchronized void show(int job, String state, String line) {
        states[job] = state;
        if (shown > 0) {
            System.out.print("\u001b[" + shown + "A\u001b[J");
        }
        System.out.println("[" + (job + 1) + "] " + line);
        if (isTerminal) {
            for (int other = 0; other < states.length; other++) {
                System.out.println("job " + (other + 1) + ": " + states[other]);
            }
            shown = states.length;
        }
    }
}
