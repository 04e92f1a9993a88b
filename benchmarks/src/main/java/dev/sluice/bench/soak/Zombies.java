package dev.sluice.bench.soak;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Children of this process that have ended, and for whom nobody has waited. */
final class Zombies {
    private Zombies() {}

    static long count() throws IOException {
        Path all = Path.of("/proc");
        if (!Files.isDirectory(all)) {
            return 0;
        }
        long zombies = 0;
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(all, "[0-9]*")) {
            for (Path process : processes) {
                if (isOurs(process.resolve("stat"))) {
                    zombies++;
                }
            }
        }
        return zombies;
    }

    private static boolean isOurs(Path file) {
        try {
            String stat = Files.readString(file);
            // Behind a name in brackets, which may hold anything: the state, and the parent.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ");
            return fields[0].equals("Z")
                    && Long.parseLong(fields[1]) == ProcessHandle.current().pid();
        } catch (IOException gone) {
            return false;
        }
    }
}
