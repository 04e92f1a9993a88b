@file:NotOnAndroid

package dev.sluice.process

import dev.sluice.NotOnAndroid
import java.util.concurrent.ConcurrentHashMap

/** Processes and sandboxes that have not ended. The end of this program is theirs. */
@NotOnAndroid
internal object EndsWithProgram {
    private val things = ConcurrentHashMap.newKeySet<AutoCloseable>()

    init {
        Runtime.getRuntime().addShutdownHook(Thread({ things.forEach(AutoCloseable::close) }, "sluice process end"))
    }

    fun add(thing: AutoCloseable) {
        things.add(thing)
    }

    fun remove(thing: AutoCloseable) {
        things.remove(thing)
    }
}
