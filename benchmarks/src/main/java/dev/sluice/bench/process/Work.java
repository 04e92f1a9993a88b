package dev.sluice.bench.process;

import java.util.Arrays;
import java.util.List;

/** What is done with child processes. */
enum Work {
    CAT("cat", "1 GiB in and out through cat", "MiB"),
    START("start", "start a process, read its line, await its end", "process"),
    MANY("many", "1,000 children alive, each echoes a line on request", "line");

    final String option;
    final String title;
    final String unit;

    Work(String option, String title, String unit) {
        this.option = option;
        this.title = title;
        this.unit = unit;
    }

    static List<String> options() {
        return Arrays.stream(values()).map(it -> it.option).toList();
    }

    static Work of(String option) {
        return values()[options().indexOf(option)];
    }
}
