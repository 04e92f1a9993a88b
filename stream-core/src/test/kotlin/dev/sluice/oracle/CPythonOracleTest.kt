package dev.sluice.oracle

import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import kotlin.random.Random
import kotlin.time.Duration.Companion.minutes

private const val NO_PYTHON =
    "no CPython 3.${Python.OLDEST_MINOR} or later was found on the path or in pyenv; " +
        "install one, or name it with -Dsluice.python=/path/to/python3 or SLUICE_PYTHON"

private val isCi = System.getenv("CI").orEmpty() !in setOf("", "false")

private val seed = System.getProperty("sluice.oracle.seed")?.toLong() ?: Random.nextLong()
private val count = System.getProperty("sluice.oracle.count")?.toInt() ?: 4000
private val replayed = System.getProperty("sluice.oracle.sequence")?.let(Sequence::parse)

/**
 * Random sequences of operations are done to a [StreamReader][dev.sluice.StreamReader] and to the one of CPython's asyncio, and
 * must come to the same, byte for byte and error for error, but for the [DocumentedDifference]s.
 *
 * System properties: `sluice.python` is the interpreter to use instead of the newest one that is found; `sluice.oracle.seed`
 * repeats a run and `sluice.oracle.sequence` one sequence; `sluice.oracle.count` is how many sequences are compared.
 */
internal class CPythonOracleTest : FunSpec({
    runCatching { Python.find() }
        .onSuccess { if (it == null) skipAll() else compareWith(it) }
        .onFailure { test("the Python that was named can be used") { throw it } }

    test("a sequence is what its text says") {
        val sequences = Sequences(seed, severalSeparators = true)
        repeat(100) {
            val sequence = sequences.next()
            Sequence.parse("$sequence") shouldBe sequence
        }
    }
})

private fun FunSpec.skipAll() {
    println("StreamReader is NOT compared with CPython: $NO_PYTHON")
    test("StreamReader is NOT compared with CPython, none was found")
        .config(enabledOrReasonIf = { if (isCi) Enabled.enabled else Enabled.disabled(NO_PYTHON) }) {
            throw AssertionError(NO_PYTHON)
        }
}

private fun FunSpec.compareWith(python: Python) {
    val notCompared = if (python.hasSeveralSeparators) "nothing" else "readUntil with several separators, which needs 3.13"
    println("StreamReader is compared with $python (${python.command}), seed $seed; NOT compared: $notCompared")

    val oracle = autoClose(Oracle(python))
    val met = mutableSetOf<DocumentedDifference>()

    fun compare(severalSeparators: Boolean) {
        val random = Sequences(seed, severalSeparators)
        for (sequence in replayed?.let(::listOf) ?: List(count / 2) { random.next() }) {
            val comparison = Comparison(sequence, oracle.answers(sequence))
            comparison.findMismatch()?.let { throw AssertionError(report(sequence, oracle)) }
            met += comparison.differences
        }
    }

    test("a reader does what the one of $python does")
        .config(invocationTimeout = 3.minutes) { compare(severalSeparators = false) }

    if (python.hasSeveralSeparators) {
        test("a reader with several separators does what the one of $python does")
            .config(invocationTimeout = 3.minutes) { compare(severalSeparators = true) }
    } else {
        xtest("a reader with several separators was NOT compared, $python has none") {}
    }

    test("each documented difference was met").config(enabled = replayed == null && count >= 1000) {
        (DocumentedDifference.entries - met).shouldBeEmpty()
    }
}

/** What is wrong with the shortest sequence like [found] with which something is. */
private fun report(
    found: Sequence,
    oracle: Oracle,
): String {
    fun mismatch(sequence: Sequence) = Comparison(sequence, oracle.answers(sequence)).findMismatch()

    val shortest = found.shrunk { mismatch(it) != null }
    return """
        |StreamReader differs from ${oracle.python} in a way that is not documented:
        |  ${mismatch(shortest)}
        |  $shortest
        |Again: -Dsluice.oracle.sequence='$shortest'
        |It was found as $found
        |by the run -Dsluice.oracle.seed=$seed
        """.trimMargin()
}
