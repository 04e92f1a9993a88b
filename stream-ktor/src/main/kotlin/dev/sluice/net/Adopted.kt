package dev.sluice.net

import java.nio.channels.SelectableChannel
import java.util.WeakHashMap

/**
 * The callers' channels that connections and servers were made of. A selector learns of a channel only when its loop comes to it, or a
 * server begins to serve: until then this tells a second caller that a first one was there.
 */
internal object Adopted {
    private val channels = WeakHashMap<SelectableChannel, Unit>()

    /** Whether [channel] is new here. */
    fun add(channel: SelectableChannel): Boolean = synchronized(channels) { channels.put(channel, Unit) == null }
}
