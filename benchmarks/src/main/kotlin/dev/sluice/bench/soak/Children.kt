package dev.sluice.bench.soak

import dev.sluice.ProcessTimeoutException
import dev.sluice.process.ProcessOptions
import dev.sluice.process.StreamType
import dev.sluice.process.startProcess
import kotlinx.coroutines.withTimeoutOrNull
import java.nio.file.NoSuchFileException
import kotlin.random.Random
import kotlin.time.Duration.Companion.milliseconds

private val LONG = arrayOf("sleep", "1000")
private const val KILLED = 128 + 9

/** Child processes. */
internal fun children(): List<Exercise> =
    listOf(
        Exercise("a child: input and output") { communicate(it) },
        Exercise("a child: a conversation") { converse() },
        Exercise("a child: its code") { random ->
            val code = random.nextInt(100)
            startProcess("sh", "-c", "exit $code", options = ProcessOptions { stdout = StreamType.DEVNULL }).use {
                expectCode(code, it.awaitExit())
            }
        },
        Exercise("a child is killed") { _ ->
            startProcess(*LONG).use {
                it.kill()
                expectCode(KILLED, it.awaitExit())
            }
        },
        Exercise("a child is left behind by its owner") { _ ->
            val child = startProcess(*LONG)
            child.close()
            expectCode(KILLED, child.awaitExit())
        },
        Exercise("a child: the wait for its output is cancelled") { _ ->
            startProcess(*LONG).use {
                expect(withTimeoutOrNull(5.milliseconds) { it.communicate() } == null) { "a child that sleeps has ended" }
            }
        },
        Exercise("a child runs until its timeout") { _ ->
            startProcess(*LONG, options = ProcessOptions { timeout = 20.milliseconds }).use { child ->
                expectFailure<ProcessTimeoutException> { child.communicate() }
            }
        },
        Exercise("a child: no such program") { expectFailure<NoSuchFileException> { startProcess("no such program") } },
    )

private fun expectCode(
    expected: Int,
    came: Int,
) = expect(came == expected) { "a child ended with $came instead of $expected" }

private suspend fun communicate(random: Random) {
    val bytes = random.someBytes()
    val result = startProcess("cat").use { it.communicate(bytes) }
    result.stdout mustBe bytes
    expectCode(0, result.returnCode)
}

private suspend fun converse() {
    startProcess("cat").use { cat ->
        repeat(5) {
            cat.stdin.write("line $it\n")
            cat.stdin.drain()
            val answer = cat.stdout.readLine()
            expect(answer == "line $it") { "'$answer' of a child instead of 'line $it'" }
        }
        cat.stdin.writeEof()
        expectCode(0, cat.awaitExit())
    }
}
