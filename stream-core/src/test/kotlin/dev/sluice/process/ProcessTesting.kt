package dev.sluice.process

import dev.sluice.process.pipes.PipeLoop
import dev.sluice.process.pipes.PipeNumbers
import dev.sluice.process.pipes.PipeWay
import dev.sluice.process.pipes.PumpedPipes
import dev.sluice.process.pipes.SelectablePipes
import io.kotest.core.spec.style.FunSpec
import kotlinx.coroutines.delay
import kotlin.streams.toList
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.TimeSource

/** The ways to a child's pipes, all of which have to do the same. */
internal enum class Way(
    val pipes: PipeWay,
) {
    SELECTABLE(
        SelectablePipes(
            checkNotNull(PipeNumbers.shared) {
                "this system does not tell the numbers of pipes"
            },
            PipeLoop.shared,
        ),
    ),
    PUMPED(PumpedPipes),
    ;

    suspend fun start(
        vararg command: String,
        options: ProcessOptions = ProcessOptions.Default,
    ): StreamProcess = startProcess(command.asList(), options, pipes)

    suspend fun sh(
        script: String,
        options: ProcessOptions = ProcessOptions.Default,
    ): StreamProcess = start("sh", "-c", script, options = options)
}

/** A test of its own for each way. */
internal fun FunSpec.eachWay(
    name: String,
    ways: List<Way> = Way.entries,
    body: suspend (Way) -> Unit,
) {
    for (way in ways) test("$name (${way.name.lowercase()})") { body(way) }
}

internal val StreamProcess.handle: ProcessHandle? get() = ProcessHandle.of(pid).orElse(null)

/** Turns a hang into a failure. */
internal suspend fun eventually(
    what: String,
    isSo: suspend () -> Boolean,
) {
    val begin = TimeSource.Monotonic.markNow()
    while (!isSo()) {
        check(begin.elapsedNow() < 2.minutes) { "not so within two minutes: $what" }
        delay(2.milliseconds)
    }
}

/** A process and all that it has started, as far as they are alive. */
internal fun familyOf(pid: Long): List<ProcessHandle> {
    val root = ProcessHandle.of(pid).orElse(null) ?: return emptyList()
    return listOf(root) + root.descendants().toList()
}

internal fun isAlive(pid: Long): Boolean = ProcessHandle.of(pid).map { it.isAlive }.orElse(false)

/** The threads of this library that may be made for processes, those that start them apart. */
internal fun ownThreads(): Set<String> =
    Thread
        .getAllStackTraces()
        .keys
        .map { it.name }
        .filterTo(HashSet()) { it.startsWith("sluice process") && "starter" !in it }
