package dev.sluice.bench.report;

import dev.sluice.bench.run.Figure;
import dev.sluice.bench.run.Metric;
import dev.sluice.bench.run.Results;
import dev.sluice.bench.run.Work;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The medians of one work, their spread, and how the first peer's relate to those of each other one. */
final class WorkTable {
    private final Results results;
    private final Work work;
    private final String ours;
    private final List<Metric> metrics;

    private WorkTable(Results results, Work work) {
        this.results = results;
        this.work = work;
        ours = results.peers(work).iterator().next();
        metrics = results.metrics(work);
    }

    static Grid of(Results results, Work work) {
        return new WorkTable(results, work).grid();
    }

    private Grid grid() {
        List<String> header = new ArrayList<>(List.of(""));
        for (Metric metric : metrics) {
            header.add(metric.title(work));
            if (metric.isCompared()) {
                header.add("spread");
                header.add("ratio");
            }
        }
        var grid = new Grid(header);
        for (String peer : results.peers(work)) {
            List<String> row = new ArrayList<>(List.of(peer));
            for (Metric metric : metrics) {
                row.addAll(cells(peer, metric));
            }
            grid.add(row);
        }
        return grid;
    }

    private List<String> cells(String peer, Metric metric) {
        Optional<Figure> figure = results.figure(work, peer, metric);
        String median = figure.map(it -> number(it.median())).orElse("");
        if (!metric.isCompared()) {
            return List.of(median);
        }
        String spread = figure.filter(it -> it.rounds().size() > 1)
                .map(it -> format("%.0f%%", 100 * it.spread()))
                .orElse("");
        String ratio = peer.equals(ours)
                ? ""
                : results.figure(work, ours, metric)
                        .flatMap(it -> figure.map(it::ratioTo))
                        .filter(Figure::isRatio)
                        .map(it -> format("%.2f", it.median()))
                        .orElse("");
        return List.of(median, spread, ratio);
    }

    static String number(double value) {
        return format(value < 100 ? "%.2f" : "%,.0f", value);
    }

    private static String format(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
