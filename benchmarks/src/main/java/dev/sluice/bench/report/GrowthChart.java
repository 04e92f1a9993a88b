package dev.sluice.bench.report;

import dev.sluice.bench.net.EchoTrials;
import dev.sluice.bench.run.Metric;
import dev.sluice.bench.run.Results;
import dev.sluice.bench.run.Work;
import java.awt.BasicStroke;
import java.text.NumberFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.LogarithmicAxis;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;

/** How a figure of echoes changes with the number of connections: a line for each peer. */
final class GrowthChart {
    static final String GROUP = EchoTrials.GROWTH;

    private static final int WIDTH = 640;
    private static final int HEIGHT = 400;

    private GrowthChart() {}

    static boolean covers(Work work) {
        return work.group().equals(GROUP);
    }

    static String of(Results results, Metric metric) {
        Map<String, XYSeries> lines = new LinkedHashMap<>();
        Work last = null;
        for (Work work : results.works()) {
            if (covers(work)) {
                last = work;
                double connections = Double.parseDouble(work.name().substring(GROUP.length() + 1));
                for (String peer : results.peers(work)) {
                    results.figure(work, peer, metric)
                            .ifPresent(figure ->
                                    lines.computeIfAbsent(peer, XYSeries::new).add(connections, figure.median()));
                }
            }
        }
        var data = new XYSeriesCollection();
        lines.values().forEach(data::addSeries);
        var connections = new LogarithmicAxis("connections");
        connections.setNumberFormatOverride(NumberFormat.getIntegerInstance(Locale.ROOT));
        var values = new NumberAxis(last == null ? "" : metric.title(last));
        values.setAutoRangeIncludesZero(true);
        var plot = new XYPlot(data, connections, values, renderer());
        return Drawing.svg(
                new JFreeChart("echo as it grows", JFreeChart.DEFAULT_TITLE_FONT, plot, true), WIDTH, HEIGHT);
    }

    private static XYLineAndShapeRenderer renderer() {
        var renderer = new XYLineAndShapeRenderer();
        renderer.setDefaultStroke(new BasicStroke(2));
        renderer.setAutoPopulateSeriesStroke(false);
        return renderer;
    }
}
