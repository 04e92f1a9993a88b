package dev.sluice.async;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowPublisherVerification;
import org.testng.annotations.AfterMethod;

/** The rules of Reactive Streams, for the lines of a connection. {@link ReactiveStreamsTest} runs them. */
public final class PublisherVerification extends FlowPublisherVerification<String> {
    /** Optional rules about several subscribers, which a connection's lines can't have, wait so long in vain. */
    private static final int TIMEOUT_MILLIS = 3000;
    /** For what must not come. */
    private static final int SILENCE_MILLIS = 200;

    private final List<Pair> pairs = new ArrayList<>();

    public PublisherVerification() {
        super(new TestEnvironment(TIMEOUT_MILLIS, SILENCE_MILLIS));
    }

    @Override
    public Flow.Publisher<String> createFlowPublisher(long elements) {
        Pair pair = new Pair();
        pairs.add(pair);
        AsyncStreamWriter peer = pair.far.writer();
        for (long i = 0; i < Math.min(elements, 10_000); i++) {
            peer.write(i + "\n");
        }
        peer.close();
        return pair.near.reader().lines();
    }

    @AfterMethod
    public void close() {
        pairs.forEach(Pair::close);
        pairs.clear();
    }

    /** None: a failure is met in reading, and that begins with the first demand. */
    @Override
    public Flow.@Nullable Publisher<String> createFailedFlowPublisher() {
        return null;
    }

    @Override
    public long maxElementsFromPublisher() {
        return 10_000;
    }
}
