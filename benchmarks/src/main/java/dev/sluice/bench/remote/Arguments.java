package dev.sluice.bench.remote;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The options of a command line: those that stand alone, and others that each have a value. */
public final class Arguments {
    private static final String QUICK = "--quick";
    private static final String UNPINNED = "--unpinned";

    private final Map<String, String> values = new HashMap<>();

    public Arguments(String[] arguments, Set<String> known) {
        for (int i = 0; i < arguments.length; i++) {
            String name = arguments[i];
            if (name.equals(QUICK) || name.equals(UNPINNED)) {
                values.put(name, "");
            } else if (known.contains(name) && i + 1 < arguments.length) {
                values.put(name, arguments[++i]);
            } else {
                throw new IllegalArgumentException(
                        name + ": no such option, or without its value; see benchmarks/run --help");
            }
        }
    }

    public boolean quick() {
        return values.containsKey(QUICK);
    }

    /** Whether servers and clients are to share all cores. */
    public boolean unpinned() {
        return values.containsKey(UNPINNED);
    }

    public String get(String name, String otherwise) {
        return values.getOrDefault(name, otherwise);
    }

    public int number(String name, int otherwise) {
        return Integer.parseInt(get(name, Integer.toString(otherwise)));
    }

    /** The servers that {@code --only} names. */
    public List<String> servers(List<String> otherwise, List<String> known) {
        return names("--only", otherwise, known);
    }

    /** What an option lists, with commas between. */
    public List<String> names(String option, List<String> otherwise, List<String> known) {
        List<String> names = List.of(get(option, String.join(",", otherwise)).split(","));
        for (String name : names) {
            if (!known.contains(name)) {
                throw new IllegalArgumentException(option + ": no " + name + ", only " + known);
            }
        }
        return names;
    }
}
