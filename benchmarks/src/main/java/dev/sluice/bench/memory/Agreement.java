package dev.sluice.bench.memory;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.concurrent.Callable;

/** Makes sure that peers do the same work before anybody measures it. */
final class Agreement {
    private static final int ROUNDS = 3000;
    private static final long ENOUGH_BYTES = 8L << 20;

    private Agreement() {}

    /** Calls all of them again and again, and compares what they return. */
    @SafeVarargs
    static <T> void mustAgree(Callable<? extends T> first, Callable<? extends T>... others) throws Exception {
        long bytes = 0;
        for (int round = 0; round < ROUNDS && bytes < ENOUGH_BYTES; round++) {
            T expected = first.call();
            bytes += expected instanceof byte[] array ? array.length : 1;
            for (int i = 0; i < others.length; i++) {
                T actual = others[i].call();
                if (!Arrays.deepEquals(new Object[] {expected}, new Object[] {actual})) {
                    throw new AssertionError("peer " + (i + 1) + " differs from the first one in round " + round);
                }
            }
        }
    }

    /** {@code count} printable bytes that differ from each other, and hold none that ends a line or a part. */
    static void fill(ByteArrayOutputStream into, int count) {
        for (int i = 0; i < count; i++) {
            into.write('a' + (into.size() + into.size() / 26) % 26);
        }
    }

    /** At least {@code size} bytes: parts of {@code length} bytes in all, ended by the separators in turn. */
    static byte[] parts(int size, int length, byte[]... separators) {
        var bytes = new ByteArrayOutputStream();
        for (int i = 0; bytes.size() < size || i % separators.length != 0; i++) {
            byte[] separator = separators[i % separators.length];
            fill(bytes, length - separator.length);
            bytes.writeBytes(separator);
        }
        return bytes.toByteArray();
    }
}
