package dev.sluice.net

import java.nio.channels.SelectionKey
import java.nio.channels.Selector

/** How an [EventLoop] waits for its channels, and is told of each that is ready. */
internal interface Selection {
    /** Waits until a channel is ready, the selector is woken, or [millis] have passed, which is never when they are 0. */
    fun await(millis: Long)

    /** Tells of the channels that are ready now. */
    fun look()
}

/** For [selector], whose ready keys [tell] is given. */
internal fun selectionOf(
    selector: Selector,
    tell: (SelectionKey) -> Unit,
): Selection = if (SELECTORS_TELL) DirectSelection(selector, tell) else CollectedSelection(selector, tell)

private val SELECTORS_TELL = Selector::class.java.methods.any { it.name == "select" && it.parameterCount == 2 }
