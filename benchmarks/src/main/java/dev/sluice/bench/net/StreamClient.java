package dev.sluice.bench.net;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/**
 * The process of the client, the same one for all servers: blocking connections, a thread for each. Its argument for TLS is the file of
 * the server's {@link Identity}. Each line of its input is a measurement: {@code address talk threads leadMillis millis}. The lead is not
 * counted: connections are new in it. It answers {@code begin}, then {@code end nanos amount}.
 */
final class StreamClient {
    private final Dialler dialler;

    private StreamClient(Dialler dialler) {
        this.dialler = dialler;
    }

    public static void main(String[] arguments) throws IOException, GeneralSecurityException, InterruptedException {
        // What one connection meets is the end of the whole run.
        Thread.setDefaultUncaughtExceptionHandler((thread, e) -> {
            e.printStackTrace();
            Runtime.getRuntime().halt(1);
        });
        var client = new StreamClient(
                arguments.length == 0
                        ? address -> new ChannelLink(new Dialling(Address.parse(address), 1).connect())
                        : new TlsDialler(new Identity(Path.of(arguments[0])).clientContext()));
        var orders = new BufferedReader(new InputStreamReader(System.in));
        for (String order = orders.readLine(); order != null; order = orders.readLine()) {
            String[] parts = order.split(" ");
            client.measure(
                    parts[0],
                    Talk.valueOf(parts[1]),
                    Integer.parseInt(parts[2]),
                    Long.parseLong(parts[3]),
                    Long.parseLong(parts[4]));
        }
    }

    private void measure(String address, Talk talk, int count, long lead, long duration) throws InterruptedException {
        var done = new LongAdder();
        List<Talker> talkers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            var talker = new Talker(dialler, address, talk, done);
            talkers.add(talker);
            talker.start();
        }
        Thread.sleep(lead);
        System.out.println("begin");
        long before = done.sum();
        long start = System.nanoTime();
        Thread.sleep(duration);
        long amount = done.sum() - before;
        System.out.println("end " + (System.nanoTime() - start) + " " + amount);
        for (Talker talker : talkers) {
            talker.finish();
        }
    }
}
