@file:NotOnAndroid

package dev.sluice.process

import dev.sluice.NotOnAndroid
import java.util.concurrent.ConcurrentHashMap

/** Those that have not ended. The end of this program is theirs. */
@NotOnAndroid
internal object LiveProcesses {
    private val processes = ConcurrentHashMap.newKeySet<StreamProcess>()

    init {
        Runtime.getRuntime().addShutdownHook(Thread({ processes.forEach(StreamProcess::close) }, "sluice process end"))
    }

    fun add(process: StreamProcess) {
        processes.add(process)
    }

    fun remove(process: StreamProcess) {
        processes.remove(process)
    }
}
