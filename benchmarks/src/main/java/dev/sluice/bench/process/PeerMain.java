package dev.sluice.bench.process;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;

/**
 * The process of one peer: {@code name work}. For each line on its input, a number of milliseconds, it does the work for so long, and says {@code begin},
 * and at the end {@code end} with the time that it took, how many units that were, its threads and, in KiB, its heap.
 */
final class PeerMain {
    private static final int HERD = 1000;
    private static final long CAT_BYTES = 1L << 30;

    private final Peer peer;
    private final Work work;

    private PeerMain(Peer peer, Work work) {
        this.peer = peer;
        this.work = work;
    }

    public static void main(String[] arguments) throws Exception {
        var main = new PeerMain(Peers.BY_NAME.get(arguments[0]).get(), Work.of(arguments[1]));
        var orders = new BufferedReader(new InputStreamReader(System.in));
        if (main.work == Work.MANY) {
            try (Peer.Herd herd = main.peer.herd(HERD)) {
                main.obey(orders, () -> {
                    herd.ask();
                    return HERD;
                });
            }
        } else {
            main.obey(orders, main::once);
        }
        Runtime.getRuntime().halt(0);
    }

    private interface Step {
        long run() throws Exception;
    }

    private void obey(BufferedReader orders, Step step) throws Exception {
        System.out.println("ready");
        String order;
        while ((order = orders.readLine()) != null) {
            System.out.println("begin");
            long units = 0;
            long begin = System.nanoTime();
            long end = begin + Long.parseLong(order) * 1_000_000;
            do {
                units += step.run();
            } while (System.nanoTime() < end);
            System.out.println("end " + (System.nanoTime() - begin) + " " + units + " " + threads() + " " + heapKib());
        }
    }

    private long once() throws Exception {
        if (work == Work.CAT) {
            peer.cat(CAT_BYTES);
            return CAT_BYTES >> 20;
        }
        peer.start();
        return 1;
    }

    /** Without those with which the JDK waits for its children. */
    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(it -> !it.getName().startsWith("process reaper"))
                .count();
    }

    private static long heapKib() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() >> 10;
    }
}
