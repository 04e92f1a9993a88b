package dev.sluice.async;

import static dev.sluice.async.Failures.failure;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.ProcessTimeoutException;
import dev.sluice.StreamClosedException;
import dev.sluice.process.ProcessOptions;
import dev.sluice.process.ProcessResult;
import dev.sluice.process.PtySize;
import dev.sluice.process.SandboxOptions;
import dev.sluice.process.StreamType;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class ProcessTest {
    @Test
    void streamsAndCode() {
        try (AsyncProcess process = AsyncStreams.startProcess("sh", "-c", "read a; echo got $a; echo bad >&2; exit 3")
                .join()) {
            assertTrue(process.pid() > 0);
            assertNull(process.poll());
            assertThrows(IllegalStateException.class, process::returnCode);
            process.stdin().write("it\n");
            assertEquals("got it", process.stdout().readLine().join());
            assertEquals("bad", process.stderr().readLine().join());
            assertEquals(3, process.awaitExit().join());
            assertEquals(3, process.returnCode());
            assertEquals(3, process.poll());
            assertSame(process.unwrap(), AsyncStreams.of(process.unwrap()).unwrap());
        }
    }

    @Test
    void communicateWithAndWithoutInput() {
        byte[] much = new byte[1 << 20];
        try (AsyncProcess cat = AsyncStreams.startProcess("cat").join();
                AsyncProcess echo =
                        AsyncStreams.startProcess(List.of("echo", "hello")).join()) {
            ProcessResult copied = cat.communicate(much).join();
            assertEquals(much.length, copied.getStdout().length);
            assertEquals("hello\n", new String(echo.communicate().join().getStdout(), UTF_8));
        }
    }

    @Test
    void signalsAndTheEnd() {
        try (AsyncProcess first = AsyncStreams.startProcess("sleep", "1000").join();
                AsyncProcess second = AsyncStreams.startProcess("sleep", "1000").join();
                AsyncProcess third = AsyncStreams.startProcess("sleep", "1000").join()) {
            first.terminate();
            second.kill();
            // Unlike SIGINT it is ignored in no child of one that runs in the background.
            third.signal(10);
            assertEquals(143, first.awaitExit().join());
            assertEquals(137, second.awaitExit().join());
            assertEquals(138, third.awaitExit().join());
        }
        AsyncProcess closed = AsyncStreams.startProcess("sleep", "1000").join();
        closed.close();
        assertEquals(137, closed.awaitExit().join());
    }

    @Test
    void optionsAndFailures() {
        ProcessOptions options = ProcessOptions.builder()
                .workDir(Path.of("/"))
                .stderr(StreamType.MERGED)
                .timeout(Duration.ofSeconds(1))
                .build();
        try (AsyncProcess process = AsyncStreams.startProcess(List.of("sh", "-c", "pwd >&2; sleep 1000"), options)
                .join()) {
            assertEquals("/", process.stdout().readLine().join());
            failure(ProcessTimeoutException.class, process.awaitExit());
        }
        assertEquals(
                "nopenope",
                failure(NoSuchFileException.class, AsyncStreams.startProcess("nopenope"))
                        .getFile());
    }

    @Test
    void aTerminalAndAConnection() {
        ProcessOptions terminal =
                ProcessOptions.builder().pty(new PtySize(80, 24)).build();
        try (AsyncProcess shell = AsyncStreams.startProcess(List.of("sh", "-c", "read a; stty size"), terminal)
                        .join();
                AsyncProcess cat = AsyncStreams.startProcess("cat").join()) {
            shell.resize(100, 30);
            shell.stdin().write("\n");
            assertEquals(
                    "\r",
                    shell.stdout()
                            .readUntil("\r".getBytes(UTF_8))
                            .thenApply(it -> new String(it, UTF_8))
                            .join());
            shell.stdout().skipUntil().join();
            assertEquals("30 100", shell.stdout().readLine().join());
            AsyncConnection connection = cat.asConnection();
            connection.writer().write("round\n");
            assertEquals("round", connection.reader().readLine().join());
        }
    }

    @Test
    void aSandboxAndItsCommands() {
        SandboxOptions options =
                SandboxOptions.builder().timeout(Duration.ofMinutes(1)).build();
        Path folder;
        try (AsyncSandbox sandbox =
                AsyncStreams.createSandbox(List.of("cat"), options).join()) {
            folder = sandbox.workDir();
            sandbox.stdin().write("main\n");
            assertEquals("main", sandbox.stdout().readLine().join());
            List<String> lines = new ArrayList<>();
            AsyncProcess listing =
                    sandbox.exec("sh", "-c", "echo one; echo two; pwd").join();
            listing.stdout().forEachLine(lines::add).join();
            assertEquals(List.of("one", "two", folder.toString()), lines);
            assertNull(sandbox.poll());
            sandbox.terminate();
            assertEquals(137, sandbox.awaitExit().join());
            assertEquals(137, sandbox.returnCode());
            assertNull(sandbox.stderr().readLine().join());
            failure(StreamClosedException.class, sandbox.exec(List.of("true")));
            assertSame(sandbox.unwrap(), AsyncStreams.of(sandbox.unwrap()).unwrap());
        }
        assertTrue(Files.notExists(folder));
        try (AsyncSandbox empty = AsyncStreams.createSandbox().join()) {
            assertNull(empty.poll());
        }
    }
}
