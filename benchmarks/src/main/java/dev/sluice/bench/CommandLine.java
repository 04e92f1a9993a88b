package dev.sluice.bench;

import dev.sluice.bench.run.Settings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Names, options that stand alone, options that each have a value, and what follows {@code --}. */
final class CommandLine {
    private static final Set<String> SWITCHES = Set.of("--quick", "--check", "--unpinned");
    private static final Set<String> OPTIONS =
            Set.of("--only", "--rounds", "--seconds", "--connections", "--classes", "--minutes");
    private static final int ROUNDS = 5;

    private final List<String> names = new ArrayList<>();
    private final Map<String, String> values = new HashMap<>();
    private final List<String> rest = new ArrayList<>();

    CommandLine(String[] arguments) {
        for (int i = 0; i < arguments.length; i++) {
            String word = arguments[i];
            if (word.equals("--")) {
                rest.addAll(Arrays.asList(arguments).subList(i + 1, arguments.length));
                return;
            } else if (SWITCHES.contains(word)) {
                values.put(word, "");
            } else if (OPTIONS.contains(word) && i + 1 < arguments.length) {
                values.put(word, arguments[++i]);
            } else if (word.startsWith("-")) {
                throw new IllegalArgumentException(
                        word + ": no such option, or without its value; see benchmarks/run --help");
            } else {
                names.add(word);
            }
        }
    }

    List<String> names() {
        return names;
    }

    /** For JMH. */
    List<String> rest() {
        return rest;
    }

    boolean isQuick() {
        return values.containsKey("--quick");
    }

    boolean checks() {
        return values.containsKey("--check");
    }

    /** Of a soak. */
    double minutes() {
        return Double.parseDouble(values.getOrDefault("--minutes", "30"));
    }

    Settings settings() {
        double seconds = Double.parseDouble(values.getOrDefault("--seconds", isQuick() ? "0.4" : "3"));
        return new Settings(
                isQuick(),
                !values.containsKey("--unpinned"),
                Integer.parseInt(values.getOrDefault("--rounds", Integer.toString(isQuick() ? 1 : ROUNDS))),
                Math.round(seconds * 1000),
                Set.copyOf(list("--only")),
                list("--connections").stream().map(Integer::valueOf).toList(),
                values.getOrDefault("--classes", ""));
    }

    private List<String> list(String option) {
        return Arrays.stream(values.getOrDefault(option, "").split(","))
                .filter(word -> !word.isEmpty())
                .distinct()
                .collect(Collectors.toList());
    }
}
