package dev.sluice.bench.echo;

import dev.sluice.bench.remote.Child;
import dev.sluice.bench.remote.Launcher;
import dev.sluice.bench.remote.RunningServers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Echoes of small messages: the servers in turn, round by round, all with the same client. */
final class EchoBenchmark {
    private static final long LEAD_MILLIS = 300;

    private final Options options;
    private final Launcher launcher;

    private EchoBenchmark(Options options) {
        this.options = options;
        launcher = new Launcher(options.pins());
    }

    public static void main(String[] arguments) throws IOException {
        Options options;
        try {
            options = Options.parse(arguments);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(2);
            return;
        }
        new EchoBenchmark(options).run();
    }

    private void run() throws IOException {
        if (!launcher.pins()) {
            say("Not pinned: server and client share all cores.");
        }
        List<Result> results = new ArrayList<>();
        try (Child client = launcher.client(EchoClient.class);
                var servers = new RunningServers(options.servers(), name -> Servers.start(launcher, name))) {
            for (int connections : options.connections()) {
                servers.names().forEach(name -> results.add(new Result(name, connections)));
            }
            options.rounds().run(results, (result, title, counts) -> {
                Measurement measurement = measure(client, servers, result);
                say(String.format(
                        "%s, %d connections, %s: %,.0f round trips/s",
                        title, result.connections(), result.server(), measurement.roundTripsPerSecond()));
                if (counts) {
                    result.rounds().add(measurement);
                }
            });
        }
        report(results);
    }

    private Measurement measure(Child client, RunningServers servers, Result result) throws IOException {
        String order = result.connections() + " " + LEAD_MILLIS + " "
                + options.rounds().millis();
        RunningServers.Usage usage = servers.measure(result.server(), client, order);
        return new Measurement(
                Long.parseLong(usage.end().get(0)),
                usage.serverCpuNanos(),
                usage.clientCpuNanos(),
                Histogram.parse(usage.end().get(1)));
    }

    private void report(List<Result> results) throws IOException {
        for (int connections : options.connections()) {
            System.out.print(Table.of(results.stream()
                    .filter(it -> it.connections() == connections)
                    .toList()));
        }
        System.out.printf(
                "%nMedians; rounds: %d of %.1f s. spread: from the lowest round to the highest; ratio: the first server's figure"
                        + " divided by this one's;%nclient: how busy its core was. Near 100%% the client is the limit.%n",
                options.rounds().counted(), options.rounds().seconds());
        Path file = Path.of(System.getProperty("benchmarks.home"), "target", "echo.json");
        Files.writeString(file, Json.of(options, launcher, results));
        say("all rounds are in " + file);
    }

    private static void say(String text) {
        System.err.println(text);
    }
}
