package dev.sluice.bench.tls;

import dev.sluice.bench.remote.Child;
import dev.sluice.bench.remote.Launcher;
import dev.sluice.bench.remote.Measurement;
import dev.sluice.bench.remote.Result;
import dev.sluice.bench.remote.RunningServers;
import dev.sluice.bench.remote.Table;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** TLS on the server's side: one work after the other; in each the servers in turn, round by round, all with the same client. */
final class TlsBenchmark {
    private static final long LEAD_MILLIS = 500;

    private final Options options;
    private final Launcher launcher;
    private final List<Result> results = new ArrayList<>();

    private TlsBenchmark(Options options) {
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
        new TlsBenchmark(options).run();
    }

    private void run() throws IOException {
        if (!launcher.pins()) {
            say("Not pinned: server and client share all cores.");
        }
        Path folder = Files.createTempDirectory("tls-benchmark");
        Identity identity = Identity.create(folder);
        try {
            for (Work work : options.works()) {
                measure(work, identity);
            }
        } finally {
            Files.delete(identity.file());
            Files.delete(folder);
        }
        report();
    }

    /** In processes of its own: what a JVM has learned in one work may be wrong for the next. */
    private void measure(Work work, Identity identity) throws IOException {
        String file = identity.file().toString();
        List<Result> ofWork = new ArrayList<>();
        try (var servers = new RunningServers(
                        options.servers(), name -> launcher.server(name, ServerMain.class, name, work.option, file));
                Child client = launcher.client(TlsClient.class, file)) {
            String title = work.title + ", connections: " + options.connections(work);
            servers.names().forEach(name -> ofWork.add(new Result(name, title, work.unit)));
            options.rounds().run(ofWork, (result, round, counts) -> {
                Measurement measurement = measure(client, servers, result.server(), work);
                say(String.format(
                        "%s, %s, %s: %,.1f %s/s", round, work.title, result.server(), measurement.rate(), work.unit));
                if (counts) {
                    result.rounds().add(measurement);
                }
            });
        }
        results.addAll(ofWork);
        System.out.print(Table.of(ofWork));
    }

    private Measurement measure(Child client, RunningServers servers, String server, Work work) throws IOException {
        String order = work.option + " " + options.connections(work) + " " + LEAD_MILLIS + " "
                + options.rounds().millis();
        RunningServers.Usage usage = servers.measure(server, client, order);
        return new Measurement(
                Long.parseLong(usage.end().get(0)),
                Double.parseDouble(usage.end().get(1)) / work.unitSize,
                usage.serverCpuNanos(),
                usage.clientCpuNanos());
    }

    private void report() throws IOException {
        System.out.printf(
                "%nMedians; rounds: %d of %.1f s. spread: from the lowest round to the highest; ratio: the first server's figure"
                        + " divided by this one's;%nserver, client: how busy its core was. Where the client's is near 100%% it is the"
                        + " limit, and CPU tells more than the rate.%n",
                options.rounds().counted(), options.rounds().seconds());
        Path file = Path.of(System.getProperty("benchmarks.home"), "target", "tls.json");
        Files.writeString(file, """
                {
                  %s,
                  "protocol": "%s", "cipherSuite": "%s", "writeBytes": %d, "roundMillis": %d, "rounds": %d,
                  "results": [
                %s
                  ]
                }
                """.formatted(
                        launcher.toJson(),
                        Identity.PROTOCOL,
                        Identity.CIPHER_SUITE,
                        Work.WRITE_BYTES,
                        options.rounds().millis(),
                        options.rounds().counted(),
                        results.stream().map(Result::toJson).collect(Collectors.joining(",\n"))));
        say("all rounds are in " + file);
    }

    private static void say(String text) {
        System.err.println(text);
    }
}
