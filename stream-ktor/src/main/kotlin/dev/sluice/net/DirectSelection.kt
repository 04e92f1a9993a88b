package dev.sluice.net

import java.nio.channels.SelectionKey
import java.nio.channels.Selector
import java.util.function.Consumer

/**
 * A [Selection] by a selector that names the keys itself: in the order in which their channels became ready, and so mostly in that in
 * which what belongs to them lies in memory. A set of keys has an order of its own, which among thousands of connections costs more than the set.
 */
@NotOnAndroid
internal class DirectSelection(
    private val selector: Selector,
    tell: (SelectionKey) -> Unit,
) : Selection {
    private val tell = Consumer<SelectionKey> { tell(it) }

    override fun await(millis: Long) {
        selector.select(tell, millis)
    }

    override fun look() {
        selector.selectNow(tell)
    }
}
