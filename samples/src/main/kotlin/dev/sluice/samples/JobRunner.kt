package dev.sluice.samples

import dev.sluice.process.Sandbox
import dev.sluice.process.SandboxOptions
import dev.sluice.process.StreamType
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlin.time.Duration.Companion.minutes

/**
 * Runs shell commands all at once, each in a sandbox of its own, and shows what they write as it comes,
 * above a line for each that says how it is doing.
 */
fun main(commands: Array<String>): Unit =
    runBlocking {
        val board = Board(commands.size)
        commands.forEachIndexed { job, command -> launch { run(command, job, board) } }
    }

private val options =
    SandboxOptions {
        stderr = StreamType.MERGED
        timeout = 1.minutes
    }

private suspend fun run(
    command: String,
    job: Int,
    board: Board,
) {
    Sandbox.create("sh", "-c", command, options = options).use { sandbox ->
        var lines = 0
        sandbox.stdout.lines().collect { line ->
            lines++
            board.show(job, "running, $lines lines", line)
        }
        val end = "ended with ${sandbox.awaitExit()} after $lines lines"
        board.show(job, end, end)
    }
}

/** The state of each job stays at the bottom of the terminal; elsewhere there are only the lines. */
private class Board(
    jobs: Int,
) {
    private val isTerminal = System.console() != null
    private val states = MutableList(jobs) { "waiting" }
    private var shown = 0

    fun show(
        job: Int,
        state: String,
        line: String,
    ) {
        states[job] = state
        if (shown > 0) print("\u001b[${shown}A\u001b[J")
        println("[${job + 1}] $line")
        if (!isTerminal) return
        states.forEachIndexed { other, its -> println("job ${other + 1}: $its") }
        shown = states.size
    }
}
