package dev.sluice.bench.remote;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What Linux tells of a process beyond what the JDK does. */
final class ProcessFile {
    // The kernel shows users hundredths of a second on every architecture that the JDK runs on.
    private static final long TICK_NANOS = 10_000_000;
    private static final long KIBIBYTE = 1024;

    private ProcessFile() {}

    /** Of what has ended its parent has the time, so that the sum never falls. */
    static long familyCpuNanos(ProcessHandle head) throws IOException {
        List<ProcessHandle> family =
                Stream.concat(Stream.of(head), head.descendants()).toList();
        long ticks = 0;
        for (ProcessHandle member : family) {
            ticks += ticks(member.pid());
        }
        return ticks * TICK_NANOS;
    }

    private static long ticks(long pid) throws IOException {
        String stat = read(pid, "stat");
        // The second field is a name in brackets, which may hold spaces.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ");
        if (fields.length < 15) {
            return 0;
        }
        return Long.parseLong(fields[11])
                + Long.parseLong(fields[12])
                + Long.parseLong(fields[13])
                + Long.parseLong(fields[14]);
    }

    static long residentBytes(long pid) throws IOException {
        return read(pid, "status")
                .lines()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * KIBIBYTE)
                .sum();
    }

    /** Nothing of a process that has just ended, or on another system. */
    private static String read(long pid, String file) throws IOException {
        Path folder = Path.of("/proc", Long.toString(pid));
        try {
            return Files.readString(folder.resolve(file));
        } catch (IOException e) {
            // It may end between the opening of the file and the reading.
            if (Files.exists(folder)) {
                throw e;
            }
            return "";
        }
    }
}
