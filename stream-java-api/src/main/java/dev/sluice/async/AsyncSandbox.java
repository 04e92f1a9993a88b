package dev.sluice.async;

import dev.sluice.process.ProcessOptions;
import dev.sluice.process.Sandbox;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A {@link Sandbox} for Java. Closing it ends everything that runs in it, and removes its folder. */
@NotOnAndroid
public final class AsyncSandbox implements AutoCloseable {
    private final Sandbox sandbox;
    private final AsyncStreamWriter stdin;
    private final AsyncStreamReader stdout;
    private final AsyncStreamReader stderr;

    AsyncSandbox(Sandbox sandbox) {
        this.sandbox = sandbox;
        stdin = new AsyncStreamWriter(sandbox.getStdin());
        stdout = new AsyncStreamReader(sandbox.getStdout());
        stderr = new AsyncStreamReader(sandbox.getStderr());
    }

    /** What the main command reads. */
    public AsyncStreamWriter stdin() {
        return stdin;
    }

    /** What the main command writes. */
    public AsyncStreamReader stdout() {
        return stdout;
    }

    /** What the main command has to complain of. */
    public AsyncStreamReader stderr() {
        return stderr;
    }

    /** Its folder, as its commands see it. */
    public Path workDir() {
        return sandbox.getWorkDir();
    }

    /**
     * What the main command ended with; 137 for a sandbox without one.
     *
     * @throws IllegalStateException it has not ended
     */
    public int returnCode() {
        return sandbox.getReturnCode();
    }

    /** The {@link #returnCode()} if it has ended, {@code null} if not. */
    public @Nullable Integer poll() {
        return sandbox.poll();
    }

    /** Completes with the {@link #returnCode()} when the main command has ended, or the sandbox where there is none. */
    public CompletableFuture<Integer> awaitExit() {
        return new Operation<Integer>().start(sandbox::awaitExit);
    }

    /** Starts another command in it. */
    @CheckReturnValue
    public CompletableFuture<AsyncProcess> exec(String... command) {
        return exec(List.of(command));
    }

    /** Starts another command in it. */
    @CheckReturnValue
    public CompletableFuture<AsyncProcess> exec(List<String> command) {
        return exec(command, ProcessOptions.Default);
    }

    /** Starts another command in it. A relative folder in the options is taken from the sandbox's. */
    @CheckReturnValue
    public CompletableFuture<AsyncProcess> exec(List<String> command, ProcessOptions options) {
        return MappedOperation.start(it -> sandbox.exec(command, options, it), AsyncProcess::new);
    }

    /** Ends everything that runs in it. */
    public void terminate() {
        sandbox.terminate();
    }

    /** Ends everything that runs in it, and removes its folder. */
    @Override
    public void close() {
        sandbox.close();
    }

    /** The Kotlin object. */
    public Sandbox unwrap() {
        return sandbox;
    }

    @Override
    public String toString() {
        return sandbox.toString();
    }
}
