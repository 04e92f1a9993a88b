package dev.sluice.bench.echo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Echoes of small messages: the servers in turn, round by round, all with the same client. */
final class EchoBenchmark {
    private static final long LEAD_MILLIS = 300;

    private final Options options;
    private final Launcher launcher;
    private final Map<String, Running> servers = new LinkedHashMap<>();

    private record Running(Child process, int port) {}

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
        try (Child client = launcher.client(EchoClient.class)) {
            start();
            for (int connections : options.connections()) {
                servers.keySet().forEach(name -> results.add(new Result(name, connections)));
            }
            for (int round = 1 - options.warmups(); round <= options.rounds(); round++) {
                for (Result result : results) {
                    Measurement measurement = measure(client, servers.get(result.server()), result.connections());
                    String title = round > 0 ? "round " + round + " of " + options.rounds() : "warm-up";
                    say(String.format(
                            "%s, %d connections, %s: %,.0f round trips/s",
                            title, result.connections(), result.server(), measurement.roundTripsPerSecond()));
                    if (round > 0) {
                        result.rounds().add(measurement);
                    }
                }
            }
        } finally {
            for (Running server : servers.values()) {
                server.process.close();
            }
        }
        report(results);
    }

    private void start() throws IOException {
        for (String name : options.servers()) {
            Child server = launcher.server(name);
            try {
                servers.put(name, new Running(server, Integer.parseInt(server.expect("port"))));
            } catch (UnsupportedOperationException absent) {
                server.close();
                say("left out: " + absent.getMessage());
            }
        }
        if (servers.isEmpty()) {
            throw new IOException("none of these servers runs on this machine: " + options.servers());
        }
    }

    private Measurement measure(Child client, Running server, int connections) throws IOException {
        client.send(server.port + " " + connections + " " + LEAD_MILLIS + " " + options.millis());
        client.expect("begin");
        long serverCpu = server.process.cpuNanos();
        long clientCpu = client.cpuNanos();
        String[] end = client.expect("end").split(" ");
        return new Measurement(
                Long.parseLong(end[0]),
                server.process.cpuNanos() - serverCpu,
                client.cpuNanos() - clientCpu,
                Histogram.parse(end[1]));
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
                options.rounds(), options.millis() / 1000.0);
        Path file = Path.of(System.getProperty("benchmarks.home"), "target", "echo.json");
        Files.writeString(file, Json.of(options, launcher.pins(), results));
        say("all rounds are in " + file);
    }

    private static void say(String text) {
        System.err.println(text);
    }
}
