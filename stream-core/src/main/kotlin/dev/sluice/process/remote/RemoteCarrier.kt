@file:NotOnAndroid

package dev.sluice.process.remote

import dev.sluice.NotOnAndroid
import dev.sluice.process.Carrier
import dev.sluice.process.handle
import org.slf4j.LoggerFactory
import java.io.IOException

/**
 * A command in another place, as it was started there.
 *
 * @param session its session, if that is for it alone
 */
@NotOnAndroid
internal class RemoteIdentity(
    val pid: Long,
    val session: Long?,
)

/** Reaches a command by another one that runs beside it. */
@NotOnAndroid
internal class RemoteCarrier(
    private val place: RemotePlace,
    private val command: RemoteIdentity,
    private val client: Process,
    private val isPlaceEnding: () -> Boolean,
) : Carrier {
    private val pid = command.pid

    override fun signal(number: Int) {
        if (client.isAlive) run("kill -$number $pid 2>/dev/null || ! kill -0 $pid 2>/dev/null")
    }

    override fun killAll() {
        try {
            if (!isPlaceEnding() || place.holder == null) run(killing())
        } catch (e: IOException) {
            logger.warn("A command could not be ended in its place: {}", e.message)
            // Where it can't be reached, nothing can, and a place of its own is no loss.
            place.holder?.close()
        } finally {
            client.handle?.destroyForcibly()
        }
    }

    /**
     * All of its session, but for the shell that leads it where there is a terminal: that ends by itself, and passes on how. While some are
     * killed others may be started.
     */
    private fun killing(): String {
        val session = command.session ?: return "kill -KILL $pid 2>/dev/null; true"
        val shell = if (session == pid) "" else "[ \$f != /proc/$session/stat ] && "
        return "[ -e /proc/self/stat ] || { kill -KILL -- -$session 2>/dev/null || kill -KILL $pid 2>/dev/null; exit 0; }; " +
            "i=0 found=yes; while [ \$found ] && [ \$i -lt $ROUNDS_OF_KILLING ]; do i=\$((i + 1)) found=; " +
            "for f in /proc/[0-9]*/stat; do { read -r l <\$f; } 2>/dev/null || continue; set -- \${l##*) }; " +
            "$shell[ \"\$4\" = $session ] && [ \"\$1\" != Z ] || continue; " +
            "found=yes p=\${f#/proc/}; kill -KILL \${p%/stat} 2>/dev/null; done; done; true"
    }

    override val mayBeLost: Boolean get() = true

    /** If it may have been the way to the place that ended, it is gone again, to look: what nobody can reach any more is ended. */
    override fun lossBehind(code: Int): IOException? {
        if (code !in place.codesOfLoss || isPlaceEnding()) return null
        val cause =
            try {
                val said = run("if kill -0 $pid 2>/dev/null; then echo alive; ${killing()}; fi")
                if (said.isEmpty()) return null
                null
            } catch (e: IOException) {
                e
            }
        if (isPlaceEnding()) return null
        return IOException("the connection of ${place.name} was lost, and with it how the command ended", cause)
    }

    private fun run(script: String): String = place.output(listOf("/bin/sh", "-c", script))

    private companion object {
        const val ROUNDS_OF_KILLING = 20
        private val logger = LoggerFactory.getLogger(RemoteCarrier::class.java)
    }
}
