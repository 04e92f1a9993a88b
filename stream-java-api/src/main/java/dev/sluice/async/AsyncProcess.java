package dev.sluice.async;

import dev.sluice.process.LocalTerminal;
import dev.sluice.process.ProcessResult;
import dev.sluice.process.StreamProcess;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A {@link StreamProcess} for Java. Closing it ends the process, if it still runs, with all that it has started. */
@NotOnAndroid
public final class AsyncProcess implements AutoCloseable {
    private final StreamProcess process;
    private final AsyncStreamWriter stdin;
    private final AsyncStreamReader stdout;
    private final AsyncStreamReader stderr;

    AsyncProcess(StreamProcess process) {
        this.process = process;
        stdin = new AsyncStreamWriter(process.getStdin());
        stdout = new AsyncStreamReader(process.getStdout());
        stderr = new AsyncStreamReader(process.getStderr());
    }

    public long pid() {
        return process.getPid();
    }

    /** What it reads. */
    public AsyncStreamWriter stdin() {
        return stdin;
    }

    /** What it writes. */
    public AsyncStreamReader stdout() {
        return stdout;
    }

    /** What it has to complain of. */
    public AsyncStreamReader stderr() {
        return stderr;
    }

    /**
     * What it ended with: 128 and the signal's number if that was a signal.
     *
     * @throws IllegalStateException it has not ended
     */
    public int returnCode() {
        return process.getReturnCode();
    }

    /** The {@link #returnCode()} if it has ended, {@code null} if not. */
    public @Nullable Integer poll() {
        return process.poll();
    }

    /** Completes with its {@link #returnCode()} when it has ended; fails with {@link dev.sluice.ProcessTimeoutException} if it ran longer than it may. */
    public CompletableFuture<Integer> awaitExit() {
        return new Operation<Integer>().start(process::awaitExit);
    }

    /** Asks it to end, by SIGTERM. */
    public void terminate() {
        process.terminate();
    }

    /** Ends it, by SIGKILL, and leaves alone what it has started. */
    public void kill() {
        process.kill();
    }

    /** Sends it a signal by its number. */
    public void signal(int number) {
        process.signal(number);
    }

    /** As {@link #communicate(byte[])}, without input. */
    @CheckReturnValue
    public CompletableFuture<ProcessResult> communicate() {
        return communicate(null);
    }

    /** Writes the input and ends it, reads both outputs to their end, and waits for the process. However much that is, neither side waits for the other. */
    @CheckReturnValue
    public CompletableFuture<ProcessResult> communicate(byte @Nullable [] input) {
        return new Operation<ProcessResult>().start(it -> process.communicate(input, it));
    }

    /** Its stdout and stdin as one connection, which has them from now on. */
    public AsyncConnection asConnection() {
        return new AsyncConnection(process.asConnection());
    }

    /** Tells it that the window of its pseudo-terminal has another size. */
    public void resize(int columns, int rows) {
        process.resize(columns, rows);
    }

    /** Puts the person at this program's terminal at it; completes with its {@link #returnCode()}. */
    @CheckReturnValue
    public CompletableFuture<Integer> attach() {
        return new Operation<Integer>().start(it -> process.attach(LocalTerminal.system(), it));
    }

    /** The same with another terminal. */
    @CheckReturnValue
    public CompletableFuture<Integer> attach(LocalTerminal terminal) {
        return new Operation<Integer>().start(it -> process.attach(terminal, it));
    }

    /** Ends it with all that it has started, if it still runs. What it had written can still be read. */
    @Override
    public void close() {
        process.close();
    }

    /** The Kotlin object. */
    public StreamProcess unwrap() {
        return process;
    }

    @Override
    public String toString() {
        return process.toString();
    }
}
