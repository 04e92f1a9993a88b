package dev.sluice.bench.echo;

import java.io.IOException;

/** The process of one server. It ends with its standard input, so it can't outlive the run that started it. */
final class ServerMain {
    private ServerMain() {}

    public static void main(String[] arguments) throws IOException {
        EchoServer server = Servers.BY_NAME.get(arguments[0]).get();
        try {
            System.out.println("port " + server.start());
        } catch (UnsupportedOperationException absent) {
            System.err.println(absent.getMessage());
            System.exit(Child.ABSENT);
        }
        while (System.in.read() >= 0) {
            // Nothing is asked of it.
        }
        // The servers have threads that would keep the JVM, and connections that nobody needs closed.
        Runtime.getRuntime().halt(0);
    }
}
