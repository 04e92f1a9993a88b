package dev.sluice.bench.soak

import kotlin.random.Random

/** What a program does with streams, from an open to an end; nothing of it may be left. It throws if anything is wrong. */
internal class Exercise(
    val name: String,
    val run: suspend (Random) -> Unit,
)

/** What the other side did is not what it had to. */
internal class WrongResult(
    message: String,
) : Exception(message)

internal fun expect(
    holds: Boolean,
    what: () -> String,
) {
    if (!holds) throw WrongResult(what())
}

/** Runs [work], which has to fail with a [T]. */
internal suspend inline fun <reified T : Throwable> expectFailure(work: suspend () -> Any?) {
    val came =
        try {
            work()
        } catch (e: Throwable) {
            if (e is T) return
            throw e
        }
    throw WrongResult("${T::class.simpleName} was to come, and not $came")
}
