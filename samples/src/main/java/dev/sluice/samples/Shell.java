package dev.sluice.samples;

import dev.sluice.async.AsyncProcess;
import dev.sluice.async.AsyncStreams;
import dev.sluice.process.ProcessOptions;
import dev.sluice.process.PtySize;
import java.util.List;

/** Runs a program that thinks it sits at this terminal: keys, screen, size of the window and Ctrl-C go through. */
public final class Shell {
    public static void main(String[] arguments) {
        ProcessOptions options =
                ProcessOptions.builder().pty(new PtySize(80, 24)).build();
        int code;
        try (AsyncProcess shell =
                AsyncStreams.startProcess(List.of(arguments), options).join()) {
            code = shell.attach().join();
        }
        System.exit(code);
    }

    private Shell() {}
}
