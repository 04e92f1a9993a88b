package dev.sluice.bench.run;

import java.util.List;
import java.util.Locale;

/** Says what is running, how much of all that is, and when the rest may be done. */
final class Progress {
    private final Settings settings;
    private final long start = System.nanoTime();
    private final Amount all = new Amount();
    private final Amount ended = new Amount();
    private final Amount running = new Amount();

    /** Rounds of a single peer, and how long they should take. */
    private static final class Amount {
        private int steps;
        private double seconds;

        void add(int steps, Trial trial) {
            this.steps += steps;
            seconds += steps * trial.secondsOfRound();
        }
    }

    Progress(Settings settings, List<Trial> trials) {
        this.settings = settings;
        trials.forEach(trial -> all.add(steps(trial), trial));
    }

    private int steps(Trial trial) {
        return settings.among(trial.peers()).size() * (trial.warmups() + settings.rounds());
    }

    void say(String text) {
        System.err.printf(Locale.ROOT, "[%d of %d, %s] %s%n", ended.steps + running.steps, all.steps, rest(), text);
    }

    void completeStep(Trial trial) {
        running.add(1, trial);
    }

    /** Also of those steps that a missing peer or a failure has left out. */
    void completeTrial(Trial trial) {
        ended.add(steps(trial), trial);
        running.add(-running.steps, trial);
    }

    /** As much slower or faster than planned as what is done was. */
    private String rest() {
        double passed = (System.nanoTime() - start) / 1e9;
        double done = ended.seconds + running.seconds;
        long seconds = Math.round((all.seconds - done) * (done > 0 ? passed / done : 1));
        return seconds >= 90 ? "about " + (seconds + 30) / 60 + " min left" : "about " + seconds + " s left";
    }
}
