package dev.sluice.bench.memory;

import dev.sluice.bench.remote.Child;
import dev.sluice.bench.remote.Launcher;
import dev.sluice.bench.run.Metric;
import dev.sluice.bench.run.Sample;
import dev.sluice.bench.run.Settings;
import dev.sluice.bench.run.Trial;
import dev.sluice.bench.run.Work;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A JMH benchmark whose methods are the peers: a round is one JVM for each, in turn. Python's peers run in an interpreter that stays.
 *
 * @param methods by the name of the peer
 * @param scripts what the script is to read, by the name of the peer
 */
record MemoryTrial(
        Settings settings,
        Launcher launcher,
        Work work,
        Class<?> benchmark,
        String parameter,
        Map<String, String> methods,
        Map<String, String> scripts)
        implements Trial {
    MemoryTrial with(String peer, String method) {
        return new MemoryTrial(settings, launcher, work, benchmark, parameter, plus(methods, peer, method), scripts);
    }

    MemoryTrial withPython(String peer, String what) {
        return new MemoryTrial(settings, launcher, work, benchmark, parameter, methods, plus(scripts, peer, what));
    }

    private static Map<String, String> plus(Map<String, String> map, String key, String value) {
        var more = new LinkedHashMap<>(map);
        more.put(key, value);
        return more;
    }

    @Override
    public List<String> peers() {
        var peers = new ArrayList<>(methods.keySet());
        peers.addAll(scripts.keySet());
        return peers;
    }

    /** Each JVM has a warm-up of its own. */
    @Override
    public int warmups() {
        return 0;
    }

    @Override
    public double secondsOfRound() {
        return Fork.secondsOf(settings);
    }

    @Override
    public Contest open(List<String> peers) throws IOException {
        return new Reading(peers);
    }

    private final class Reading implements Contest {
        private final List<String> peers = new ArrayList<>();
        private final Map<String, Child> interpreters = new LinkedHashMap<>();

        Reading(List<String> wanted) throws IOException {
            for (String peer : wanted) {
                if (methods.containsKey(peer) || hasStarted(peer)) {
                    peers.add(peer);
                }
            }
        }

        private boolean hasStarted(String peer) throws IOException {
            Child child = launcher.python(peer, "lines_from_memory.py", scripts.get(peer));
            try {
                child.expect("ready");
            } catch (UnsupportedOperationException absent) {
                child.close();
                System.err.println("left out: " + absent.getMessage());
                return false;
            }
            interpreters.put(peer, child);
            return true;
        }

        @Override
        public List<String> peers() {
            return peers;
        }

        @Override
        public Sample measure(String peer) throws IOException {
            String method = methods.get(peer);
            return method == null
                    ? ask(interpreters.get(peer))
                    : Fork.of(settings, benchmark, method, parameter).measure();
        }

        private Sample ask(Child interpreter) throws IOException {
            interpreter.send(Long.toString(settings.millis()));
            String[] end = interpreter.expect("end").split(" ");
            return new Sample().with(Metric.RATE, Double.parseDouble(end[1]) * 1e9 / Double.parseDouble(end[0]));
        }

        @Override
        public void close() throws IOException {
            for (Child interpreter : interpreters.values()) {
                interpreter.close();
            }
        }
    }
}
