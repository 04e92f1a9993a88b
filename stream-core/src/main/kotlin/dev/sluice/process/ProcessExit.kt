@file:NotOnAndroid

package dev.sluice.process

import dev.sluice.NotOnAndroid
import dev.sluice.ProcessTimeoutException
import dev.sluice.forCaller
import kotlinx.coroutines.CompletableDeferred
import java.io.IOException
import kotlin.time.Duration

/** How a process ends, for those who ask and those who wait. */
@NotOnAndroid
internal class ProcessExit(
    private val process: Process,
    private val name: String,
) {
    private val code = CompletableDeferred<Int>()

    /** The timeout that the process was killed for. */
    @Volatile
    private var overran: Duration? = null

    /** What its own end was is known to the system alone, until it has come: a process that ended in time has not timed out. */
    val timedOut: Duration? get() = overran?.takeIf { poll() == Signals.CODE_OF_KILL }

    fun poll(): Int? = if (process.isAlive) null else process.exitValue()

    suspend fun await(): Int {
        val code = awaitCode()
        timedOut?.let { throw timeout(it, NOTHING, NOTHING) }
        return code
    }

    suspend fun awaitCode(): Int =
        try {
            code.await()
        } catch (e: IOException) {
            throw e.forCaller()
        }

    fun timeout(
        after: Duration,
        stdout: ByteArray,
        stderr: ByteArray,
    ) = ProcessTimeoutException(after, stdout, stderr, "$name ran longer than its timeout of $after and was killed")

    /** Before it is killed for it. */
    fun overruns(timeout: Duration) {
        overran = timeout
    }

    /** Whoever waits has nothing more to wait for. */
    fun complete(loss: IOException?) {
        if (loss == null) code.complete(process.exitValue()) else code.completeExceptionally(loss)
    }

    private companion object {
        val NOTHING = ByteArray(0)
    }
}
