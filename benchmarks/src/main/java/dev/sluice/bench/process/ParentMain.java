package dev.sluice.bench.process;

import dev.sluice.bench.remote.Memory;
import java.io.BufferedReader;
import java.io.InputStreamReader;

/**
 * The process of one peer: {@code name task}. A line on its input is a number of milliseconds: it does the task for so long, says
 * {@code begin} first, and then {@code end} with the time that it took and how many units that were. Or the line is {@code memory}:
 * it says this with the number of its threads and the bytes that it holds, on the heap and in direct buffers.
 */
final class ParentMain {
    private static final long CAT_BYTES = 1L << 30;

    private final Parent parent;
    private final Task task;

    private ParentMain(Parent parent, Task task) {
        this.parent = parent;
        this.task = task;
    }

    public static void main(String[] arguments) throws Exception {
        var main = new ParentMain(Parents.BY_NAME.get(arguments[0]).get(), Task.valueOf(arguments[1]));
        var orders = new BufferedReader(new InputStreamReader(System.in));
        if (main.task == Task.MANY) {
            try (Parent.Herd herd = main.parent.herd(main.task.children)) {
                main.obey(orders, () -> {
                    herd.ask();
                    return main.task.children;
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
            if (order.equals("memory")) {
                System.out.println("memory " + threads() + " " + (Memory.heap() + Memory.direct()));
            } else {
                work(Long.parseLong(order) * 1_000_000, step);
            }
        }
    }

    private static void work(long nanos, Step step) throws Exception {
        System.out.println("begin");
        long units = 0;
        long begin = System.nanoTime();
        do {
            units += step.run();
        } while (System.nanoTime() < begin + nanos);
        System.out.println("end " + (System.nanoTime() - begin) + " " + units);
    }

    private long once() throws Exception {
        if (task == Task.CAT) {
            parent.cat(CAT_BYTES);
            return CAT_BYTES >> 20;
        }
        parent.start();
        return 1;
    }

    /** Without those with which the JDK waits for its children. */
    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(it -> !it.getName().startsWith("process reaper"))
                .count();
    }
}
