package dev.sluice.net

/** What a wait for readiness has to know of its channel. */
internal interface WatchedChannel {
    /** Null while the channel is open. It is set before waits are failed. */
    val closing: Closing?

    /** Has the selector watch for [operation]. From any thread. */
    fun arm(operation: Int)
}
