package dev.sluice.bench.remote;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A process of a run, which is spoken to in lines. It ends with its standard input, so also when the run is killed. */
public final class Child implements AutoCloseable {
    /** The exit code of a program that this machine can't run. */
    public static final int ABSENT = 3;

    private static final int NO_SUCH_COMMAND = 127;

    private final String name;
    private final boolean isFamily;
    private final Process process;
    private final BufferedReader lines;
    private final Thread onExit;

    /** @param isFamily whether what it starts counts as a part of it */
    Child(String name, List<String> command, boolean isFamily) throws IOException {
        this.name = name;
        this.isFamily = isFamily;
        process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        lines = process.inputReader();
        onExit = new Thread(process::destroyForcibly);
        Runtime.getRuntime().addShutdownHook(onExit);
    }

    public void send(String line) throws IOException {
        process.outputWriter().append(line).append('\n').flush();
    }

    /** The rest of its next line, which has to begin with this word. Absence is UnsupportedOperationException. */
    public String expect(String word) throws IOException {
        String line = lines.readLine();
        if (line != null && (line + " ").startsWith(word + " ")) {
            return line.substring(word.length()).strip();
        }
        if (line != null) {
            throw new IOException(name + " says \"" + line + "\" where \"" + word + "\" was expected");
        }
        int code = await();
        if (code == ABSENT || code == NO_SUCH_COMMAND) {
            throw new UnsupportedOperationException(name + " can't run on this machine");
        }
        throw new IOException(name + " ended with exit code " + code);
    }

    /** The processor time that it has used so far, to 10 ms on Linux; 0 where the system does not tell it. */
    public long cpuNanos() throws IOException {
        return isFamily
                ? ProcessFile.familyCpuNanos(process.toHandle())
                : process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos();
    }

    /** The memory that it takes from the machine now; 0 where the system has no {@code /proc}. */
    public long residentBytes() throws IOException {
        return ProcessFile.residentBytes(process.pid());
    }

    @Override
    public void close() throws IOException {
        try {
            process.outputWriter().close();
            await();
        } finally {
            Runtime.getRuntime().removeShutdownHook(onExit);
        }
    }

    private int await() throws IOException {
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            throw new InterruptedIOException("interrupted while " + name + " ended");
        }
    }
}
