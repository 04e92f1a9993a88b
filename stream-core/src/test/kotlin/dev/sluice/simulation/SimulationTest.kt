package dev.sluice.simulation

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe

/**
 * `-Dsimulation.seeds=1000000` runs so many; `-Dsimulation.seed=17` runs that one alone and prints what happens in it.
 */
internal class SimulationTest : FunSpec({
    test("no byte is lost, doubled or moved, limits hold and every operation ends, whatever happens to a connection") {
        val chosen = System.getProperty("simulation.seed")?.toLong()
        val seeds = if (chosen != null) chosen..chosen else 1..(System.getProperty("simulation.seeds")?.toLong() ?: 10_000)
        for (seed in seeds) {
            withClue("-Dsimulation.seed=$seed does it again") {
                val trace = Simulation(seed).run()
                if (seed == chosen) trace.forEach(System.err::println)
            }
        }
    }

    test("a seed does the same each time") {
        for (seed in 1L..100) {
            withClue("seed $seed") { Simulation(seed).run() shouldBe Simulation(seed).run() }
        }
    }

    test("what is to be simulated happens") {
        val traces = (1L..300).map { Simulation(it).run() }
        for (event in listOf(
            "is aborted",
            "is closed",
            "is ended",
            "is refused",
            "receiver is done",
            "receiver meets dev.sluice.ConnectionResetException",
            "sender 0 meets dev.sluice.ConnectionResetException",
            "closer is done",
        )) {
            withClue(event) { traces.count { trace -> trace.any { event in it } } shouldBeGreaterThan 5 }
        }
    }
})
