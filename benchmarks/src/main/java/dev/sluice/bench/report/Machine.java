package dev.sluice.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** What figures depend on besides the code. */
final class Machine {
    private static final Path PROCESSORS = Path.of("/proc/cpuinfo");
    private static final Path MEMORY = Path.of("/proc/meminfo");

    private Machine() {}

    /** What the system does not tell is left out. */
    static Map<String, String> describe() throws IOException {
        Map<String, String> facts = new LinkedHashMap<>();
        String model = field(PROCESSORS, "model name");
        facts.put("processor", model.isEmpty() ? System.getProperty("os.arch") : model);
        facts.put("cores", Integer.toString(Runtime.getRuntime().availableProcessors()));
        String memory = field(MEMORY, "MemTotal");
        if (!memory.isEmpty()) {
            facts.put("memory", Math.round(Long.parseLong(memory.replaceAll("\\D", "")) / 1048576.0) + " GiB");
        }
        facts.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        facts.put("java", System.getProperty("java.vm.name") + " " + Runtime.version());
        facts.put("commit", System.getProperty("benchmarks.commit", "unknown"));
        return facts;
    }

    private static String field(Path file, String name) throws IOException {
        if (!Files.exists(file)) {
            return "";
        }
        return Files.readString(file)
                .lines()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse("");
    }
}
