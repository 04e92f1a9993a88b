package dev.sluice

import java.io.IOException

/** What a [relay] has passed on. */
public class RelayResult internal constructor(
    public val firstToSecond: RelayedWay,
    public val secondToFirst: RelayedWay,
) {
    public operator fun component1(): RelayedWay = firstToSecond

    public operator fun component2(): RelayedWay = secondToFirst

    override fun toString(): String = "RelayResult($firstToSecond there, $secondToFirst back)"
}

/**
 * One direction of a [relay].
 *
 * @property bytes how many were handed on
 * @property failure what ended it; `null` if that was the end of the stream. Of two directions that a loss has ended, the one that did not
 *   meet it itself has a [StreamClosedException], whose cause it is
 */
public class RelayedWay internal constructor(
    public val bytes: Long,
    public val failure: IOException?,
) {
    override fun toString(): String = if (failure == null) "$bytes bytes" else "$bytes bytes until $failure"
}
