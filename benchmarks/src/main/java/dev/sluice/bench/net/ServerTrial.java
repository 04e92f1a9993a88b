package dev.sluice.bench.net;

import dev.sluice.bench.remote.Child;
import dev.sluice.bench.remote.Launcher;
import dev.sluice.bench.remote.RunningServers;
import dev.sluice.bench.remote.Usage;
import dev.sluice.bench.run.Sample;
import dev.sluice.bench.run.Trial;
import dev.sluice.bench.run.Work;
import java.io.IOException;
import java.util.List;
import java.util.function.Function;

/**
 * Servers that do the same job in turn, all for the same client. All of it are processes of this trial's own: what a JVM has learned in one
 * work may be wrong for the next.
 *
 * @param order what the client is told besides the server's address
 */
record ServerTrial(
        Launcher launcher,
        Work work,
        List<String> peers,
        int warmups,
        double secondsOfRound,
        Carrier carrier,
        Service service,
        Class<?> client,
        String order,
        Function<Usage, Sample> reading)
        implements Trial {
    @Override
    public Contest open(List<String> peers) throws IOException {
        var workplace = Workplace.create();
        try {
            return new Serving(workplace, peers);
        } catch (IOException | RuntimeException e) {
            workplace.close();
            throw e;
        }
    }

    private final class Serving implements Contest {
        private final Workplace workplace;
        private final RunningServers servers;
        private final Child speaker;

        Serving(Workplace workplace, List<String> peers) throws IOException {
            this.workplace = workplace;
            String[] arguments = workplace.prepare(carrier);
            servers = new RunningServers(
                    peers,
                    name -> Servers.start(launcher, name, new Job(carrier, service, workplace.file(carrier, name))));
            speaker = launcher.client(client, arguments);
        }

        @Override
        public List<String> peers() {
            return servers.names();
        }

        @Override
        public Sample measure(String peer) throws IOException {
            return reading.apply(servers.measure(peer, speaker, order));
        }

        @Override
        public void close() throws IOException {
            try (workplace;
                    servers;
                    speaker) {
                // Each is closed, whatever becomes of the others.
            }
        }
    }
}
