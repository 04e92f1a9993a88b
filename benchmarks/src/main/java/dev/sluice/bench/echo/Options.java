package dev.sluice.bench.echo;

import java.util.Arrays;
import java.util.List;

/** What the command line asks for. */
record Options(List<String> servers, List<Integer> connections, int warmups, int rounds, long millis) {
    static Options parse(String[] arguments) {
        List<String> servers = Launcher.servers();
        List<Integer> connections = List.of(1, 50);
        int warmups = 2;
        int rounds = 5;
        double seconds = 3;
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i].equals("--quick")) {
                warmups = 1;
                rounds = 1;
                seconds = 0.5;
                continue;
            }
            if (i + 1 == arguments.length) {
                throw new IllegalArgumentException(
                        arguments[i] + ": no such option, or without its value; see benchmarks/run --help");
            }
            String value = arguments[i + 1];
            switch (arguments[i++]) {
                case "--only" -> servers = known(value.split(","));
                case "--connections" ->
                    connections = Arrays.stream(value.split(","))
                            .map(Integer::valueOf)
                            .toList();
                case "--rounds" -> rounds = Integer.parseInt(value);
                case "--seconds" -> seconds = Double.parseDouble(value);
                default ->
                    throw new IllegalArgumentException(
                            arguments[i - 1] + ": no such option; see benchmarks/run --help");
            }
        }
        return new Options(servers, connections, warmups, rounds, Math.round(seconds * 1000));
    }

    private static List<String> known(String[] names) {
        for (String name : names) {
            if (!Launcher.servers().contains(name)) {
                throw new IllegalArgumentException("no server " + name + ", only " + Launcher.servers());
            }
        }
        return List.of(names);
    }
}
