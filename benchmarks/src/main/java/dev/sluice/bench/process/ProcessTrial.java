package dev.sluice.bench.process;

import dev.sluice.bench.remote.Child;
import dev.sluice.bench.remote.Launcher;
import dev.sluice.bench.run.Metric;
import dev.sluice.bench.run.Peer;
import dev.sluice.bench.run.Sample;
import dev.sluice.bench.run.Settings;
import dev.sluice.bench.run.Trial;
import dev.sluice.bench.run.Work;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Child processes: the peers in turn, each in a JVM of its own, with all cores. */
public final class ProcessTrial implements Trial {
    private static final int WARMUPS = 2;
    private static final double MEBIBYTE = 1 << 20;

    private final Settings settings;
    private final Launcher launcher;
    private final Task task;

    private ProcessTrial(Settings settings, Launcher launcher, Task task) {
        this.settings = settings;
        this.launcher = launcher;
        this.task = task;
    }

    public static List<Trial> all(Settings settings, Launcher launcher) {
        return Arrays.stream(Task.values())
                .map(task -> (Trial) new ProcessTrial(settings, launcher, task))
                .toList();
    }

    @Override
    public Work work() {
        return new Work("process", "process-" + task.name, task.title, task.unit);
    }

    @Override
    public List<String> peers() {
        return List.of(Peer.SLUICE, Peer.BLOCKING, Peer.NUPROCESS);
    }

    @Override
    public int warmups() {
        return settings.warmups(WARMUPS);
    }

    @Override
    public double secondsOfRound() {
        return settings.seconds() + task.moreSeconds;
    }

    @Override
    public Contest open(List<String> peers) throws IOException {
        return new Running(peers);
    }

    private final class Running implements Contest {
        private final Map<String, Child> children = new LinkedHashMap<>();

        Running(List<String> peers) throws IOException {
            for (String peer : peers) {
                Child child = launcher.unpinned(peer, ParentMain.class, peer, task.name());
                children.put(peer, child);
                child.expect("ready");
            }
        }

        @Override
        public List<String> peers() {
            return List.copyOf(children.keySet());
        }

        @Override
        public Sample measure(String peer) throws IOException {
            Child child = children.get(peer);
            child.send(Long.toString(settings.millis()));
            child.expect("begin");
            long cpu = child.cpuNanos();
            String[] end = child.expect("end").split(" ");
            double cpuMicros = (child.cpuNanos() - cpu) / 1e3;
            double nanos = Double.parseDouble(end[0]);
            double units = Double.parseDouble(end[1]);
            Sample sample = task.sample(nanos / units, cpuMicros / units);
            return task == Task.MANY ? withMemory(sample, child) : sample;
        }

        private Sample withMemory(Sample sample, Child child) throws IOException {
            child.send("memory");
            String[] memory = child.expect("memory").split(" ");
            return sample.with(Metric.THREADS, Double.parseDouble(memory[0]))
                    .with(Metric.MEMORY, Double.parseDouble(memory[1]) / task.children)
                    .with(Metric.RESIDENT, child.residentBytes() / MEBIBYTE);
        }

        @Override
        public void close() throws IOException {
            for (Child child : children.values()) {
                child.close();
            }
        }
    }
}
