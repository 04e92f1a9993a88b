package dev.sluice.transport

/**
 * A sink that is not done when `close()` or `abort()` returns: it has bytes to deliver, or something of the system's to release. A
 * stream over it has ended when it is done; a sink without this is done at once.
 *
 * Any number of callers may wait, also again. **Cancel safety**: only the caller is affected.
 */
public interface ClosesLater {
    /**
     * After `close()`: returns when every byte that the sink took has left it. It may wait for the peer without a bound; who calls it has
     * one, and aborts. That ends the wait.
     *
     * @throws java.io.IOException the bytes can't be delivered
     */
    public suspend fun awaitDelivered()

    /**
     * After `close()` or `abort()`: returns when nothing is held any more. How long that may wait for the peer after a `close()` is bound by
     * the sink itself; after `abort()` it waits for no peer.
     *
     * @throws java.io.IOException the sink did not come to an orderly end
     */
    public suspend fun awaitReleased()
}
