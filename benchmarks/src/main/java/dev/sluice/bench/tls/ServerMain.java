package dev.sluice.bench.tls;

import java.nio.file.Path;

/** The process of one server: {@code name work identity}. It says {@code port} and its number, and ends with its input. */
final class ServerMain {
    private ServerMain() {}

    public static void main(String[] arguments) throws Exception {
        TlsServer server = Servers.BY_NAME.get(arguments[0]).get();
        System.out.println("port " + server.start(new Identity(Path.of(arguments[2])), Work.of(arguments[1])));
        while (System.in.read() >= 0) {
            // Nothing is asked of it.
        }
        // The servers have threads that would keep the JVM, and connections that nobody needs closed.
        Runtime.getRuntime().halt(0);
    }
}
