package dev.sluice.bench.run;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** All figures of a run. */
public final class Results {
    private record Key(String peer, Metric metric) {}

    private final Map<Work, Map<Key, List<Double>>> rounds = new LinkedHashMap<>();

    void add(Work work, String peer, Sample sample) {
        var ofWork = rounds.computeIfAbsent(work, any -> new LinkedHashMap<>());
        sample.values()
                .forEach((metric, value) -> ofWork.computeIfAbsent(new Key(peer, metric), any -> new ArrayList<>())
                        .add(value));
    }

    public Set<Work> works() {
        return rounds.keySet();
    }

    /** In the order in which they were measured: ours first. */
    public Set<String> peers(Work work) {
        Set<String> peers = new LinkedHashSet<>();
        rounds.get(work).keySet().forEach(key -> peers.add(key.peer));
        return peers;
    }

    public List<Metric> metrics(Work work) {
        return rounds.get(work).keySet().stream()
                .map(Key::metric)
                .distinct()
                .sorted()
                .toList();
    }

    public Optional<Figure> figure(Work work, String peer, Metric metric) {
        return Optional.ofNullable(rounds.get(work).get(new Key(peer, metric))).map(Figure::new);
    }

    public Optional<Work> work(String name) {
        return works().stream().filter(work -> work.name().equals(name)).findFirst();
    }
}
