package dev.sluice.bench.remote;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts the processes of a run: servers on the first core and the client on the second, where both can be had. */
public final class Launcher {
    /** What all servers in a JVM get. Serial is also what the JVM itself picks for one core. */
    public static final List<String> JVM_FLAGS = List.of("-Xms512m", "-Xmx512m", "-XX:+UseSerialGC");

    // Only warnings; those of newer JVMs about Netty's native code are not among them.
    private static final List<String> QUIET = List.of(
            "--enable-native-access=ALL-UNNAMED",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            // A loop that shares its only core with the JVM's compilers seems to be blocked by what it runs.
            "-Dorg.slf4j.simpleLogger.log.dev.sluice.net.EventLoop=error");

    private final boolean pins;

    /** @param pins whether to, where that is possible: with {@code taskset}, on two cores */
    public Launcher(boolean pins) {
        this.pins = pins && canPin("0") && canPin("1");
    }

    public boolean pins() {
        return pins;
    }

    public Child server(String name, Class<?> main, String... arguments) throws IOException {
        return new Child(name, on("0", java(main, arguments)), false);
    }

    /** One that is no JVM. Processes that it starts belong to it. */
    public Child program(String name, List<String> command) throws IOException {
        return new Child(name, on("0", command), true);
    }

    /** A script of this module, run by the interpreter that the environment's PYTHON names. */
    public Child python(String name, String script, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        // Where there is no such interpreter, env ends with the exit code that says so.
        command.add("env");
        command.add(System.getenv().getOrDefault("PYTHON", "python3"));
        command.add(Path.of(System.getProperty("benchmarks.home"), "src/main/python", script)
                .toString());
        command.addAll(List.of(arguments));
        return program(name, command);
    }

    public Child client(Class<?> main, String... arguments) throws IOException {
        return new Child("the client", on("1", java(main, arguments)), false);
    }

    /** With all cores. */
    public Child unpinned(String name, Class<?> main, String... arguments) throws IOException {
        return new Child(name, java(main, arguments), false);
    }

    private static List<String> java(Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(JVM_FLAGS);
        command.addAll(QUIET);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    private List<String> on(String core, List<String> command) {
        if (!pins) {
            return command;
        }
        List<String> pinned = new ArrayList<>(List.of("taskset", "-c", core));
        pinned.addAll(command);
        return pinned;
    }

    private static boolean canPin(String core) {
        try {
            return new ProcessBuilder("taskset", "-c", core, "true").start().waitFor() == 0;
        } catch (IOException noTaskset) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
