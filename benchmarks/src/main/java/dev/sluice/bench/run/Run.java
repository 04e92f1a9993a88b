package dev.sluice.bench.run;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** One trial after the other; in each the peers in turn, round by round, so that a slow minute of the machine hits all of them. */
public final class Run {
    private final Settings settings;
    private final List<Trial> trials;
    private final Progress progress;
    private final Results results = new Results();
    private final List<String> failures = new ArrayList<>();

    public Run(Settings settings, List<Trial> trials) {
        this.settings = settings;
        this.trials = trials;
        progress = new Progress(settings, trials);
    }

    /** @param measured is told of each work when it is done; what fails does not keep the others from being measured */
    public void measure(Consumer<Work> measured) {
        for (Trial trial : trials) {
            try {
                measure(trial);
                measured.accept(trial.work());
            } catch (IOException | RuntimeException e) {
                failures.add(trial.work().name() + ": " + e);
                e.printStackTrace();
            }
            progress.completeTrial(trial);
        }
    }

    public Results results() {
        return results;
    }

    public List<String> failures() {
        return failures;
    }

    private void measure(Trial trial) throws IOException {
        List<String> peers = settings.among(trial.peers());
        progress.say(trial.work().name() + ", starting: " + String.join(", ", peers));
        try (Trial.Contest contest = trial.open(peers)) {
            for (int round = 1 - trial.warmups(); round <= settings.rounds(); round++) {
                for (String peer : contest.peers()) {
                    Sample sample = contest.measure(peer);
                    if (round > 0) {
                        results.add(trial.work(), peer, sample);
                    }
                    progress.completeStep(trial);
                    progress.say(headline(trial.work(), peer, round, sample));
                }
            }
        }
    }

    private String headline(Work work, String peer, int round, Sample sample) {
        String when = round > 0 ? "round " + round + " of " + settings.rounds() : "warm-up";
        var first = sample.values().entrySet().iterator().next();
        return String.format(
                Locale.ROOT,
                "%s, %s, %s: %,.1f %s",
                work.name(),
                when,
                peer,
                first.getValue(),
                first.getKey().title(work));
    }
}
