package dev.sluice.bench.report;

import dev.sluice.bench.bars.Bar;
import dev.sluice.bench.bars.Bars;
import dev.sluice.bench.run.Metric;
import dev.sluice.bench.run.Results;
import dev.sluice.bench.run.Work;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The charts of a run, by the names of their files. */
final class Charts {
    private Charts() {}

    /** A chart for each figure that has a bar, and for the first one of works without bars; one line for works that differ in size only. */
    static Map<String, String> of(Results results) {
        Map<String, String> charts = new LinkedHashMap<>();
        for (Work work : results.works()) {
            if (!GrowthChart.covers(work)) {
                for (Metric metric : headlines(results, work)) {
                    charts.put(file(work.name(), metric), BarChart.of(results, work, metric));
                }
            }
        }
        if (results.works().stream().filter(GrowthChart::covers).count() > 1) {
            for (Metric metric : List.of(Metric.RATE, Metric.CPU)) {
                charts.put(file(GrowthChart.GROUP, metric), GrowthChart.of(results, metric));
            }
        }
        return charts;
    }

    private static List<Metric> headlines(Results results, Work work) {
        List<Metric> barred = Bars.ALL.stream()
                .filter(bar -> bar.work().equals(work.name()))
                .map(Bar::metric)
                .distinct()
                .filter(results.metrics(work)::contains)
                .toList();
        return barred.isEmpty() ? results.metrics(work).subList(0, 1) : barred;
    }

    private static String file(String name, Metric metric) {
        return name + "-" + metric.name().toLowerCase(Locale.ROOT) + ".svg";
    }
}
