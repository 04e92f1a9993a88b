package dev.sluice.bench.report;

import dev.sluice.bench.run.Results;
import dev.sluice.bench.run.Work;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The page for readers: what people wrote, with the figures of a run in the place that is marked for them. */
final class Page {
    private static final String BEGIN = "<!-- figures: begin -->";
    private static final String END = "<!-- figures: end -->";

    private Page() {}

    static String of(String written, Results results, Map<String, String> facts, Set<String> charts) {
        int begin = written.indexOf(BEGIN);
        int end = written.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new IllegalArgumentException(
                    "the page has no place for figures: put a line " + BEGIN + " and, below it, " + END);
        }
        return written.substring(0, begin + BEGIN.length()) + "\n" + figures(results, facts, charts)
                + written.substring(end);
    }

    private static String figures(Results results, Map<String, String> facts, Set<String> charts) {
        var text = new StringBuilder("\n");
        facts.forEach((name, fact) ->
                text.append("- ").append(name).append(": ").append(fact).append('\n'));
        text.append("\n### Bars\n\n").append(BarTable.of(results).markdown());
        String growth = images(charts, GrowthChart.GROUP);
        if (!growth.isEmpty()) {
            text.append("\n### As it grows\n").append(growth);
        }
        for (Work work : results.works()) {
            text.append("\n### ")
                    .append(capitalized(work.title()))
                    .append("\n\n`")
                    .append(work.name())
                    .append("`\n\n");
            text.append(WorkTable.of(results, work).markdown());
            text.append(images(charts, work.name()));
        }
        return text.append('\n').toString();
    }

    private static String images(Set<String> charts, String name) {
        return charts.stream()
                .filter(chart -> chart.matches(name + "-[a-z0-9]+\\.svg"))
                .map(chart -> "\n![%s](images/%s)\n".formatted(chart.replace(".svg", ""), chart))
                .collect(Collectors.joining());
    }

    private static String capitalized(String title) {
        return title.substring(0, 1).toUpperCase(Locale.ROOT) + title.substring(1);
    }
}
