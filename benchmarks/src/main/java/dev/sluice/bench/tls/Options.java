package dev.sluice.bench.tls;

import dev.sluice.bench.remote.Arguments;
import dev.sluice.bench.remote.Rounds;
import java.util.List;
import java.util.Set;

/**
 * What a run of {@link TlsBenchmark} does.
 *
 * @param connections how many at a time, 0 for what suits each work
 */
record Options(List<String> servers, List<Work> works, int connections, Rounds rounds, boolean pins) {
    // Seconds go by until a JVM has compiled all the arithmetic of a handshake.
    private static final int WARMUPS = 4;

    static Options parse(String[] commandLine) {
        var arguments =
                new Arguments(commandLine, Set.of("--only", "--works", "--connections", "--rounds", "--seconds"));
        return new Options(
                arguments.servers(Servers.names(), Servers.names()),
                arguments.names("--works", Work.options(), Work.options()).stream()
                        .map(Work::of)
                        .toList(),
                arguments.number("--connections", 0),
                Rounds.of(arguments, WARMUPS),
                !arguments.unpinned());
    }

    int connections(Work work) {
        return connections > 0 ? connections : work.connections;
    }
}
