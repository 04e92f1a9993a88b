package dev.sluice.bench;

import dev.sluice.bench.memory.MemoryTrials;
import dev.sluice.bench.net.EchoTrials;
import dev.sluice.bench.net.IdleTrial;
import dev.sluice.bench.net.StreamTrials;
import dev.sluice.bench.process.ProcessTrial;
import dev.sluice.bench.relay.RelayTrial;
import dev.sluice.bench.remote.Launcher;
import dev.sluice.bench.run.Settings;
import dev.sluice.bench.run.Trial;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** All works there are, in the order in which they are measured. */
final class Trials {
    private final Settings settings;
    private final List<Trial> all = new ArrayList<>();

    Trials(Settings settings, Launcher launcher) {
        this.settings = settings;
        var echoes = new EchoTrials(settings, launcher);
        var streams = new StreamTrials(settings, launcher);
        all.addAll(echoes.echo());
        all.addAll(streams.bulk());
        all.addAll(streams.unix());
        all.add(streams.connect());
        all.addAll(streams.tls());
        all.add(new RelayTrial(settings, launcher));
        all.addAll(echoes.growth());
        all.addAll(new MemoryTrials(settings, launcher).all());
        all.add(new IdleTrial(settings, launcher));
        // Last: when thousands of children end at once, the machine is busy for a while.
        all.addAll(ProcessTrial.all(settings, launcher));
    }

    boolean knows(String name) {
        return all.stream().anyMatch(trial -> trial.work().isCalled(name));
    }

    /** All of them when nothing is named; the growth of echoes takes too long to be quick. */
    List<Trial> selectedBy(List<String> names) {
        Predicate<Trial> isSelected = names.isEmpty()
                ? trial -> !settings.isQuick() || !trial.work().isCalled(EchoTrials.GROWTH)
                : trial -> names.stream().anyMatch(trial.work()::isCalled);
        return all.stream()
                .filter(isSelected)
                .filter(trial -> !settings.among(trial.peers()).isEmpty())
                .toList();
    }

    List<String> names() {
        return all.stream().map(trial -> trial.work().name()).toList();
    }
}
