package dev.sluice.bench.process;

import dev.sluice.bench.remote.Arguments;
import dev.sluice.bench.remote.Child;
import dev.sluice.bench.remote.Launcher;
import dev.sluice.bench.remote.Rounds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Child processes: one work after the other; in each the peers in turn, round by round, each in a JVM of its own, with all cores. */
final class ProcessBenchmark {
    private static final int WARMUPS = 2;

    private final List<String> peers;
    private final List<Work> works;
    private final Rounds rounds;
    private final Launcher launcher = new Launcher(false);
    private final List<Result> results = new ArrayList<>();

    private ProcessBenchmark(Arguments arguments) {
        peers = arguments.servers(Peers.names(), Peers.names());
        works = arguments.names("--works", Work.options(), Work.options()).stream()
                .map(Work::of)
                .toList();
        rounds = Rounds.of(arguments, WARMUPS);
    }

    public static void main(String[] arguments) throws IOException {
        ProcessBenchmark benchmark;
        try {
            benchmark = new ProcessBenchmark(
                    new Arguments(arguments, Set.of("--only", "--works", "--rounds", "--seconds")));
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(2);
            return;
        }
        benchmark.run();
    }

    private void run() throws IOException {
        for (Work work : works) {
            measure(work);
        }
        report();
    }

    private void measure(Work work) throws IOException {
        Map<String, Child> children = new LinkedHashMap<>();
        List<Result> ofWork = new ArrayList<>();
        try {
            for (String peer : peers) {
                Child child = launcher.server(peer, PeerMain.class, peer, work.option);
                children.put(peer, child);
                child.expect("ready");
                ofWork.add(new Result(peer, work));
            }
            rounds.run(ofWork, (result, title, counts) -> {
                Measurement measurement = measure(children.get(result.peer()));
                say(String.format(
                        "%s, %s, %s: %,.1f %s/s", title, work.option, result.peer(), measurement.rate(), work.unit));
                if (counts) {
                    result.rounds().add(measurement);
                }
            });
        } finally {
            for (Child child : children.values()) {
                child.close();
            }
        }
        results.addAll(ofWork);
        System.out.print(Table.of(ofWork));
    }

    private Measurement measure(Child child) throws IOException {
        child.send(Long.toString(rounds.millis()));
        child.expect("begin");
        long cpu = child.cpuNanos();
        String[] end = child.expect("end").split(" ");
        return new Measurement(
                Long.parseLong(end[0]),
                Long.parseLong(end[1]),
                Long.parseLong(end[2]),
                Long.parseLong(end[3]),
                child.cpuNanos() - cpu);
    }

    private void report() throws IOException {
        System.out.printf(
                "%nMedians; rounds: %d of %.1f s. spread: from the lowest round to the highest; ratio: the first peer's figure divided by"
                        + " this one's;%nCPU: of the peer's own process, its children's apart; threads: all of its JVM, but for those with"
                        + " which the JDK waits for children.%n",
                rounds.counted(), rounds.seconds());
        Path file = Path.of(System.getProperty("benchmarks.home"), "target", "process.json");
        Files.writeString(file, """
                {
                  %s,
                  "roundMillis": %d, "rounds": %d,
                  "results": [
                %s
                  ]
                }
                """.formatted(
                        launcher.toJson(),
                        rounds.millis(),
                        rounds.counted(),
                        results.stream().map(Result::toJson).collect(Collectors.joining(",\n"))));
        say("all rounds are in " + file);
    }

    private static void say(String text) {
        System.err.println(text);
    }
}
