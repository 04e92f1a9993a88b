package dev.sluice.transport

/**
 * A sink that may hold on to bytes that it has taken, as TLS does with a record for which there is no room below. They leave by themselves,
 * and a drain waits until they have. Meanwhile the sink takes no others.
 */
public interface BufferingSink : ByteSink {
    /**
     * Whether everything that was taken, and the end of the output, has been passed on. Until then [awaitWritable] waits for that.
     *
     * @throws java.io.IOException the sink has failed, and what it holds will not be passed on
     */
    public fun isFlushed(): Boolean
}
