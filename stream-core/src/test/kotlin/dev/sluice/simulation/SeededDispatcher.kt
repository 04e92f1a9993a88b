@file:OptIn(ExperimentalCoroutinesApi::class, InternalCoroutinesApi::class)

package dev.sluice.simulation

import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Delay
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.InternalCoroutinesApi
import kotlinx.coroutines.test.TestDispatcher
import kotlin.coroutines.CoroutineContext
import kotlin.random.Random

/** Of all that could run now [random] chooses what does; the time is that of [clock]. */
internal class SeededDispatcher(
    private val clock: TestDispatcher,
    private val random: Random,
) : CoroutineDispatcher(),
    Delay by clock {
    private val ready = ArrayList<Runnable>()

    override fun dispatch(
        context: CoroutineContext,
        block: Runnable,
    ) {
        ready += block
        clock.dispatch(context) { ready.removeAt(random.nextInt(ready.size)).run() }
    }
}
