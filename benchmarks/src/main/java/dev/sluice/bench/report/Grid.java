package dev.sluice.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Rows of cells below a header, for a terminal or a page. */
public final class Grid {
    private static final Predicate<String> NUMBER =
            Pattern.compile("-?[0-9.,]+%?").asMatchPredicate();

    private final List<List<String>> rows = new ArrayList<>();

    public Grid(List<String> header) {
        rows.add(header);
    }

    public void add(List<String> row) {
        rows.add(row);
    }

    public String text() {
        List<Integer> widths = IntStream.range(0, rows.get(0).size())
                .mapToObj(column -> rows.stream()
                        .mapToInt(row -> row.get(column).length())
                        .max()
                        .orElse(0))
                .toList();
        return rows.stream().map(row -> line(row, widths)).collect(Collectors.joining());
    }

    private String line(List<String> row, List<Integer> widths) {
        var line = new StringBuilder();
        for (int column = 0; column < row.size(); column++) {
            String cell = row.get(column);
            String padding = " ".repeat(widths.get(column) - cell.length());
            line.append(column == 0 ? "" : "  ").append(isNumeric(column) ? padding + cell : cell + padding);
        }
        return line.toString().stripTrailing() + "\n";
    }

    String markdown() {
        var page = new StringBuilder();
        for (List<String> row : rows) {
            page.append("| ").append(String.join(" | ", row)).append(" |\n");
            if (row == rows.get(0)) {
                page.append(IntStream.range(0, row.size())
                        .mapToObj(column -> isNumeric(column) ? " ---: |" : " --- |")
                        .collect(Collectors.joining("", "|", "\n")));
            }
        }
        return page.toString();
    }

    private boolean isNumeric(int column) {
        return rows.stream().skip(1).map(row -> row.get(column)).allMatch(cell -> cell.isEmpty() || NUMBER.test(cell));
    }
}
