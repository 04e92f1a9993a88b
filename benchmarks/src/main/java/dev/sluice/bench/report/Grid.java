package dev.sluice.bench.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Rows of cells below a header, for a terminal or a page. */
final class Grid {
    private final List<List<String>> rows = new ArrayList<>();

    Grid(List<String> header) {
        rows.add(header);
    }

    void add(List<String> row) {
        rows.add(row);
    }

    String text() {
        List<Integer> widths = IntStream.range(0, rows.get(0).size())
                .mapToObj(column -> rows.stream()
                        .mapToInt(row -> row.get(column).length())
                        .max()
                        .orElse(0))
                .toList();
        return rows.stream().map(row -> line(row, widths)).collect(Collectors.joining());
    }

    private static String line(List<String> row, List<Integer> widths) {
        var line = new StringBuilder();
        for (int column = 0; column < row.size(); column++) {
            String cell = row.get(column);
            String padding = " ".repeat(widths.get(column) - cell.length());
            line.append(column == 0 ? cell + padding : "  " + padding + cell);
        }
        return line.toString().stripTrailing() + "\n";
    }

    String markdown() {
        var page = new StringBuilder();
        for (List<String> row : rows) {
            page.append("| ").append(String.join(" | ", row)).append(" |\n");
            if (row == rows.get(0)) {
                page.append("| --- |")
                        .append(String.join("", Collections.nCopies(row.size() - 1, " ---: |")))
                        .append('\n');
            }
        }
        return page.toString();
    }
}
