package dev.sluice.bench.echo;

import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** What a run of {@link EchoBenchmark} does. */
record Options(List<String> servers, List<Integer> connections, int warmups, int rounds, long millis, boolean pins) {
    static Options parse(String[] commandLine) {
        var arguments = new Arguments(commandLine, Set.of("--only", "--connections", "--rounds", "--seconds"));
        boolean quick = arguments.quick();
        List<Integer> connections = Arrays.stream(
                        arguments.get("--connections", "1,50").split(","))
                .map(Integer::valueOf)
                .toList();
        double seconds = Double.parseDouble(arguments.get("--seconds", quick ? "0.5" : "3"));
        return new Options(
                arguments.servers(Launcher.servers(), Launcher.servers()),
                connections,
                quick ? 1 : 2,
                arguments.number("--rounds", quick ? 1 : 5),
                Math.round(seconds * 1000),
                !arguments.unpinned());
    }
}
