package dev.sluice.bench.run;

import java.io.IOException;
import java.util.List;

/** A work that can be measured. */
public interface Trial {
    Work work();

    /** Those that this work knows, ours first. */
    List<String> peers();

    /** How many rounds to throw away. */
    int warmups();

    /** How long one round of one peer lasts, roughly. */
    double secondsOfRound();

    /** Starts what these peers need. */
    Contest open(List<String> peers) throws IOException;

    /** Peers that are ready to be measured in turn. */
    interface Contest extends AutoCloseable {
        /** Without those that this machine can't run. */
        List<String> peers();

        Sample measure(String peer) throws IOException;

        @Override
        void close() throws IOException;
    }
}
