package dev.sluice.samples;

import dev.sluice.ProcessTimeoutException;
import dev.sluice.async.AsyncSandbox;
import dev.sluice.async.AsyncStreams;
import dev.sluice.process.Launcher;
import dev.sluice.process.SandboxLimits;
import dev.sluice.process.SandboxOptions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Runs a command in a sandbox, and prints what it writes line by line, as it comes. */
public final class SandboxLogs {
    public static void main(String[] arguments) {
        SandboxOptions options = SandboxOptions.builder()
                // A folder and an environment of its own. Where bubblewrap is installed, Launcher.bubblewrap() also
                // keeps files,
                // network and processes away from the command.
                .launcher(Launcher.local())
                .limits(SandboxLimits.builder().cpuTime(Duration.ofSeconds(10)).build())
                .timeout(Duration.ofMinutes(1))
                .build();
        try (AsyncSandbox sandbox =
                AsyncStreams.createSandbox(List.of(arguments), options).join()) {
            // Both at once: a command that fills one pipe while the other one is read would wait for ever.
            CompletableFuture<Void> out = sandbox.stdout().forEachLine(line -> System.out.println("out: " + line));
            CompletableFuture<Void> err = sandbox.stderr().forEachLine(line -> System.out.println("err: " + line));
            CompletableFuture.allOf(out, err).join();
            System.out.println("ended with " + sandbox.awaitExit().join());
        } catch (CompletionException e) {
            if (!(e.getCause() instanceof ProcessTimeoutException)) {
                throw e;
            }
            System.out.println(e.getCause().getMessage());
        }
    }

    private SandboxLogs() {}
}
