package dev.sluice.bench.run;

import java.util.List;
import java.util.Locale;

/** Says what is running, how much of all that is, and when the rest may be done. */
final class Progress {
    private final Settings settings;
    private final int steps;
    private final double expectedSeconds;
    private final long start = System.nanoTime();
    private int done;
    private double doneSeconds;

    Progress(Settings settings, List<Trial> trials) {
        this.settings = settings;
        steps = trials.stream().mapToInt(this::steps).sum();
        expectedSeconds = trials.stream()
                .mapToDouble(trial -> steps(trial) * trial.secondsOfRound())
                .sum();
    }

    private int steps(Trial trial) {
        return settings.among(trial.peers()).size() * (trial.warmups() + settings.rounds());
    }

    void say(String text) {
        System.err.printf(Locale.ROOT, "[%d of %d, %s] %s%n", done, steps, rest(), text);
    }

    void completed(Trial trial) {
        done++;
        doneSeconds += trial.secondsOfRound();
    }

    /** Of a trial that ends early, or in which a peer is missing. */
    void skipTo(int doneBefore, double secondsBefore, Trial trial) {
        done = doneBefore + steps(trial);
        doneSeconds = secondsBefore + steps(trial) * trial.secondsOfRound();
    }

    int done() {
        return done;
    }

    double doneSeconds() {
        return doneSeconds;
    }

    /** As much slower or faster than planned as what is done was. */
    private String rest() {
        double passed = (System.nanoTime() - start) / 1e9;
        double pace = doneSeconds > 0 ? passed / doneSeconds : 1;
        long seconds = Math.round((expectedSeconds - doneSeconds) * pace);
        return seconds >= 90 ? "about " + (seconds + 30) / 60 + " min left" : "about " + seconds + " s left";
    }
}
