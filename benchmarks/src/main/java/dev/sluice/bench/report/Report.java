package dev.sluice.bench.report;

import dev.sluice.bench.bars.Verdict;
import dev.sluice.bench.run.Results;
import dev.sluice.bench.run.Settings;
import dev.sluice.bench.run.Work;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/** What a run leaves behind: tables on the terminal, and in {@code target} JSON, charts, and the page for {@code docs}. */
public final class Report {
    private final Results results;
    private final Map<String, String> facts;
    private final Path docs;
    private final Path target;

    public Report(Results results, Settings settings, boolean isPinned, Path home) throws IOException {
        this.results = results;
        facts = Machine.describe();
        facts.put("processes", isPinned ? "server and client pinned to a core each" : "not pinned");
        facts.put("rounds", String.format(Locale.ROOT, "%d of %.1f s", settings.rounds(), settings.seconds()));
        docs = home.resolve("../docs");
        target = home.resolve("target");
    }

    /** Prints its table, and keeps all that has been measured so far: a long run may be broken off. */
    public void add(Work work) {
        System.out.printf(
                "%n%s: %s%n%s",
                work.name(), work.title(), WorkTable.of(results, work).text());
        try {
            Files.writeString(json(), Json.of(results, facts));
        } catch (IOException e) {
            throw new UncheckedIOException("the figures can't be kept", e);
        }
    }

    private Path json() {
        return target.resolve("results.json");
    }

    public void printBars() {
        if (!Verdict.of(results).isEmpty()) {
            System.out.printf("%nbars%n%s", BarTable.of(results).text());
        }
        System.out.printf(
                "%nMedians of the rounds. spread: from the lowest round to the highest, as a share of the median; ratio: the first peer's"
                        + " figure divided by this%none's, median of the rounds; ±: between the quartiles of the ratios. CPU: of the"
                        + " server's process, or of the peer's own. Where the client's%ncore is near 100%% it is the limit, and CPU"
                        + " tells more than the rate.%n");
    }

    /** Charts and the page. */
    public void draw() throws IOException {
        Map<String, String> charts = Charts.of(results);
        Path images = target.resolve("report/images");
        Files.createDirectories(images);
        removeThoseOfEarlierRuns(images);
        for (var chart : charts.entrySet()) {
            Files.writeString(images.resolve(chart.getKey()), chart.getValue());
        }
        Path page = target.resolve("report/performance.md");
        String written = Files.readString(docs.resolve("performance.md"));
        Files.writeString(page, Page.of(written, results, facts, charts.keySet()));
        System.err.printf("all rounds are in %s, tables and charts in %s%n", json(), page.getParent());
    }

    private static void removeThoseOfEarlierRuns(Path images) throws IOException {
        try (var charts = Files.newDirectoryStream(images, "*.svg")) {
            for (Path chart : charts) {
                Files.delete(chart);
            }
        }
    }
}
