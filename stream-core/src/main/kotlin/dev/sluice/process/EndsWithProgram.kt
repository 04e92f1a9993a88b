@file:NotOnAndroid

package dev.sluice.process

import dev.sluice.NotOnAndroid
import org.slf4j.LoggerFactory
import java.io.IOException
import java.util.concurrent.ConcurrentHashMap

/** Processes and sandboxes that have not ended. The end of this program is theirs. */
@NotOnAndroid
internal object EndsWithProgram {
    private val things = ConcurrentHashMap.newKeySet<AutoCloseable>()

    init {
        Runtime.getRuntime().addShutdownHook(Thread(::endAll, "sluice process end"))
    }

    /** One that can't be ended is no reason to leave the others. */
    private fun endAll() {
        for (thing in things) {
            try {
                thing.close()
            } catch (e: IOException) {
                LoggerFactory.getLogger(EndsWithProgram::class.java).warn("{} could not be ended with this program", thing, e)
            }
        }
    }

    fun add(thing: AutoCloseable) {
        things.add(thing)
    }

    fun remove(thing: AutoCloseable) {
        things.remove(thing)
    }
}
