package dev.sluice.net

import kotlinx.coroutines.delay
import kotlin.time.Duration.Companion.seconds

/** A group of loops for [use] alone, which is over when this returns. */
internal suspend fun <T> withLoops(
    threads: Int = 1,
    name: String = "test-loop",
    use: suspend (EventLoops) -> T,
): T {
    val loops = EventLoops(threads, name)
    try {
        return use(loops)
    } finally {
        loops.close()
    }
}

/** The same for one loop. */
internal suspend fun withLoop(use: suspend (EventLoop) -> Unit): Unit = withLoops { use(it.next()) }

/** How often [loop] comes round in a second in which nothing is done. A slow machine can only make it fewer. */
internal suspend fun turnsWhileIdle(loop: EventLoop): Long {
    val before = loop.turns
    delay(1.seconds)
    return loop.turns - before
}

/** More than the few that an idle second may bring, and far less than a loop that spins makes. */
internal const val FEW_TURNS: Long = 5
