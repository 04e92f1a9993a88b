package dev.sluice.bench.echo;

import dev.sluice.bench.remote.Arguments;
import dev.sluice.bench.remote.Rounds;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** What a run of {@link EchoBenchmark} does. */
record Options(List<String> servers, List<Integer> connections, Rounds rounds, boolean pins) {
    static Options parse(String[] commandLine) {
        var arguments = new Arguments(commandLine, Set.of("--only", "--connections", "--rounds", "--seconds"));
        List<Integer> connections = Arrays.stream(
                        arguments.get("--connections", "1,50").split(","))
                .map(Integer::valueOf)
                .toList();
        return new Options(
                arguments.servers(Servers.names(), Servers.names()),
                connections,
                Rounds.of(arguments, 2),
                !arguments.unpinned());
    }
}
