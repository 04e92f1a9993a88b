package dev.sluice.bench.net;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** A folder for the files of a trial: the paths of Unix sockets, or the {@link Identity}. */
record Workplace(Path folder) implements AutoCloseable {
    static Workplace create() throws IOException {
        return new Workplace(Files.createTempDirectory("bench"));
    }

    /** Makes what servers need; the arguments of a client that has to know it. */
    String[] prepare(Carrier carrier) throws IOException {
        return carrier == Carrier.TLS
                ? new String[] {Identity.create(folder).file().toString()}
                : new String[0];
    }

    Path file(Carrier carrier, String server) {
        return carrier == Carrier.TLS ? Identity.in(folder).file() : folder.resolve(server);
    }

    @Override
    public void close() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).forEach(Workplace::delete);
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
