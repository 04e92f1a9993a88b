package dev.sluice.net.faults

import dev.sluice.IncompleteReadException
import dev.sluice.net.eventually
import dev.sluice.net.inFolder
import dev.sluice.net.leavingNothing
import dev.sluice.net.loopThreads
import dev.sluice.net.mustBe
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.async
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeoutOrNull
import java.io.File
import java.io.IOException
import java.nio.file.Files
import kotlin.streams.toList
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** One fault at one moment over one carrier. */
internal data class Cell(
    val carrier: Carrier,
    val fault: Fault,
    val moment: Moment,
) {
    override fun toString(): String = "$carrier, $fault while $moment"

    /** Fails if it comes to something else than [expected], to nothing at all, or leaves something behind. */
    suspend fun play(expected: Happens) {
        withContext(Dispatchers.Default) {
            withTimeoutOrNull(PATIENCE) {
                leavingNoProcess { leavingNothing { inFolder { playOn(Stage(this@Cell, it), expected) } } }
            } ?: throw AssertionError("it hangs: nothing came of it within $PATIENCE")
        }
        eventually("its loops have no threads") { loopThreads(LOOP_NAME).isEmpty() }
    }

    private suspend fun playOn(
        stage: Stage,
        expected: Happens,
    ) {
        try {
            stage.play(expected)
        } finally {
            withContext(NonCancellable) { stage.close() }
        }
    }

    private suspend fun Stage.play(expected: Happens) {
        val result = launched(moment.prepare(this))
        moment.comes(this)
        val served = scope.async(start = CoroutineStart.LAZY) { moment.beServed(this@play) }
        fault.strike(this)
        struck.complete()
        val isReceived = expected.everyByte && moment != Moment.READING
        if (isReceived && expected == completes) served.start()
        if (expected.waits) giveUp(result)
        compare(expected, result.await())
        ended.complete()
        when {
            isReceived -> mustArrive(served)
            expected.everyByte -> mustHaveArrived(result.await())
        }
    }

    private fun Stage.launched(doing: suspend () -> Unit): Deferred<Throwable?> {
        val result = CompletableDeferred<Throwable?>()
        operation =
            scope.launch(start = CoroutineStart.UNDISPATCHED) {
                result.complete(runCatching { doing() }.exceptionOrNull())
            }
        return result
    }

    private suspend fun Stage.giveUp(result: Deferred<Throwable?>) {
        delay(A_WHILE)
        if (result.isCompleted) throw AssertionError("it does not wait: it came to ${result.await() ?: "its end"}")
        operation.cancel()
    }

    private fun compare(
        expected: Happens,
        failure: Throwable?,
    ) {
        val wanted = if (expected.waits) CancellationException::class else expected.failure
        // The coroutines have a class of their own for that.
        val came = if (failure is CancellationException) CancellationException::class else failure?.let { it::class }
        if (came == wanted) return
        throw AssertionError("${wanted?.simpleName ?: "no failure"} was to come, and it was ${failure ?: "none"}", failure)
    }

    /** To the peer, exactly. */
    private suspend fun Stage.mustArrive(served: Deferred<ByteArray>) {
        ours.close()
        served.await() mustBe sent.toByteArray()
        try {
            ours.awaitClosed()
        } catch (_: IOException) {
            // It may have been lost: that its end comes is what matters.
        }
    }

    /** Here, exactly. */
    private suspend fun Stage.mustHaveArrived(failure: Throwable?) {
        val rest = THEIRS.drop(1).toByteArray()
        val read =
            when (failure) {
                null -> received
                is IncompleteReadException -> failure.partial
                else -> ours.reader.readExactly(rest.size)
            }
        read mustBe rest
    }

    private companion object {
        val PATIENCE = 60.seconds

        /** For what is never to come. */
        val A_WHILE = 50.milliseconds
    }
}

/** Runs [work], which starts children and terminals, and leaves none. */
private suspend fun leavingNoProcess(work: suspend () -> Unit) {
    val children = children()
    val terminals = openTerminals()
    work()
    eventually("its children are gone") { children.containsAll(children()) }
    eventually("its terminals are closed") { openTerminals() <= terminals }
}

private fun children(): List<ProcessHandle> = ProcessHandle.current().descendants().toList()

private fun openTerminals(): Int =
    File("/proc/self/fd").listFiles().orEmpty().count {
        runCatching { Files.readSymbolicLink(it.toPath()).toString() }.getOrDefault("").endsWith("/ptmx")
    }
