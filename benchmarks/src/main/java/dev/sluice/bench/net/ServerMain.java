package dev.sluice.bench.net;

import dev.sluice.bench.remote.Child;
import dev.sluice.bench.remote.Memory;
import java.io.BufferedReader;
import java.io.InputStreamReader;

/**
 * The process of one server. It says {@code at} and where it listens, and answers what a line of its input asks: {@code memory} or
 * {@code classes}. It ends with its input, so it can't outlive the run that started it.
 */
final class ServerMain {
    private ServerMain() {}

    public static void main(String[] arguments) throws Exception {
        NetServer server = Servers.BY_NAME.get(arguments[0]).get();
        try {
            System.out.println("at " + server.start(Job.parse(arguments)));
        } catch (UnsupportedOperationException absent) {
            System.err.println(absent.getMessage());
            System.exit(Child.ABSENT);
        }
        var questions = new BufferedReader(new InputStreamReader(System.in));
        for (String question = questions.readLine(); question != null; question = questions.readLine()) {
            System.out.println(question + " " + answer(question, server));
        }
        // The servers have threads that would keep the JVM, and connections that nobody needs closed.
        Runtime.getRuntime().halt(0);
    }

    private static String answer(String question, NetServer server) throws Exception {
        return switch (question) {
            case "memory" -> Memory.heap() + " " + server.directMemory();
            case "classes" -> Memory.classes();
            default -> throw new IllegalArgumentException(question);
        };
    }
}
