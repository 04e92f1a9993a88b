package dev.sluice.net

import java.nio.channels.SelectionKey
import java.nio.channels.Selector

/** A [Selection] by a selector that can only collect the keys that are ready. */
internal class CollectedSelection(
    private val selector: Selector,
    private val tell: (SelectionKey) -> Unit,
) : Selection {
    override fun await(millis: Long) {
        if (selector.select(millis) > 0) tellAll()
    }

    override fun look() {
        if (selector.selectNow() > 0) tellAll()
    }

    private fun tellAll() {
        val keys = selector.selectedKeys()
        keys.forEach(tell)
        keys.clear()
    }
}
