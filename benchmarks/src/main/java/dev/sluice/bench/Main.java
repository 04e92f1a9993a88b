package dev.sluice.bench;

import dev.sluice.bench.bars.Verdict;
import dev.sluice.bench.remote.Launcher;
import dev.sluice.bench.report.Report;
import dev.sluice.bench.run.Run;
import dev.sluice.bench.run.Settings;
import dev.sluice.bench.run.Trial;
import dev.sluice.bench.soak.Soak;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Measures what it is told to, and says how that stands to the bars; or hands names that are no work's to JMH; or soaks. */
final class Main {
    private static final int WRONG_USE = 2;

    private final CommandLine line;
    private final Settings settings;
    private final Launcher launcher;
    private final Trials trials;

    private Main(CommandLine line) {
        this.line = line;
        settings = line.settings();
        launcher = new Launcher(settings.pins());
        trials = new Trials(settings, launcher);
    }

    public static void main(String[] arguments) throws Exception {
        try {
            var line = new CommandLine(arguments);
            if (line.names().equals(List.of("soak"))) {
                System.exit(new Soak(line.minutes()).run() ? 0 : 1);
            }
            var main = new Main(line);
            List<String> names = line.names();
            if (names.isEmpty() || names.stream().allMatch(main.trials::knows)) {
                System.exit(main.measure() ? 0 : 1);
            } else if (names.stream().noneMatch(main.trials::knows)) {
                main.askJmh();
            } else {
                throw new IllegalArgumentException(
                        "works and JMH's benchmarks can't be mixed; the works are " + main.trials.names());
            }
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(WRONG_USE);
        }
    }

    /** Whether all went well, and every bar was reached if they were to be checked. */
    private boolean measure() throws IOException {
        List<Trial> selected = trials.selectedBy(line.names());
        if (selected.isEmpty()) {
            throw new IllegalArgumentException("none of these peers takes part in these works: " + settings.only());
        }
        if (!launcher.pins()) {
            System.err.println("Not pinned: server and client share all cores.");
        }
        var run = new Run(settings, selected);
        var report =
                new Report(run.results(), settings, launcher.pins(), Path.of(System.getProperty("benchmarks.home")));
        run.measure(report::add);
        report.printBars();
        report.draw();
        run.failures().forEach(failure -> System.err.println("FAILED: " + failure));
        List<String> missed = line.checks() ? Verdict.missed(run.results()).toList() : List.of();
        missed.forEach(miss -> System.err.println("below its bar: " + miss));
        return run.failures().isEmpty() && missed.isEmpty();
    }

    private void askJmh() throws IOException {
        var arguments = new ArrayList<>(line.names());
        String results = Path.of(System.getProperty("benchmarks.home"), "target", "jmh.json")
                .toString();
        arguments.addAll(List.of("-prof", "gc", "-rf", "json", "-rff", results));
        if (line.isQuick()) {
            arguments.addAll(List.of("-f", "1", "-wi", "3", "-w", "300ms", "-i", "5", "-r", "300ms"));
        }
        arguments.addAll(line.rest());
        org.openjdk.jmh.Main.main(arguments.toArray(String[]::new));
    }
}
