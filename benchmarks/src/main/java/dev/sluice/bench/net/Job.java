package dev.sluice.bench.net;

import java.nio.file.Path;

/**
 * What a server is to do.
 *
 * @param file of a Unix socket its path, for TLS the {@link Identity}; otherwise it is of no use
 */
public record Job(Carrier carrier, Service service, Path file) {
    String[] arguments(String server) {
        return new String[] {server, carrier.name(), service.name(), file.toString()};
    }

    static Job parse(String[] arguments) {
        return new Job(Carrier.valueOf(arguments[1]), Service.valueOf(arguments[2]), Path.of(arguments[3]));
    }
}
