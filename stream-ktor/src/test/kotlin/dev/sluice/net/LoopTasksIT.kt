package dev.sluice.net

import io.kotest.core.spec.style.FunSpec
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions
import org.jetbrains.lincheck.datastructures.Operation
import org.jetbrains.lincheck.datastructures.StressOptions
import org.jetbrains.lincheck.datastructures.Validate
import java.util.concurrent.atomic.AtomicBoolean
import java.util.concurrent.atomic.AtomicInteger

/** A loop that never sleeps while it has a task, whatever comes while it goes to sleep. */
internal class LoopTasksIT : FunSpec({
    test("tasks from other threads against a loop that goes to sleep, in all interleavings of a few steps") {
        ModelCheckingOptions()
            .patient()
            .iterations(10)
            .threads(3)
            .actorsBefore(1)
            .actorsPerThread(2)
            .actorsAfter(0)
            .invocationsPerIteration(500)
            .check(SleepingLoopModel::class)
    }

    test("the same on threads that run freely") {
        StressOptions()
            .iterations(10)
            .threads(3)
            .actorsBefore(1)
            .actorsPerThread(3)
            .actorsAfter(0)
            .invocationsPerIteration(1_000)
            .check(SleepingLoopModel::class)
    }
})

/** The turns of a loop, its selector being no more than what a wake-up leaves there. */
internal class SleepingLoopModel {
    private val woken = AtomicBoolean()
    private val tasks = LoopTasks(wake = { woken.set(true) })
    private val given = AtomicInteger()
    private val ran = AtomicInteger()

    @Volatile
    private var sleeps = false

    @Operation
    fun add() {
        given.incrementAndGet()
        tasks.add { ran.incrementAndGet() }
    }

    /** Up to the point where a real loop would sleep, or from there on when something woke it. */
    @Operation(nonParallelGroup = "loop")
    fun turn() {
        if (!sleeps && tasks.mayRest()) sleeps = true
        if (sleeps && !woken.getAndSet(false)) return
        sleeps = false
        tasks.rested()
        tasks.forEachNow { it.run() }
    }

    @Validate
    fun nothingWaitsForALoopThatSleeps() {
        while (!sleeps || woken.get()) turn()
        check(ran.get() == given.get()) { "asleep, though only ${ran.get()} of ${given.get()} tasks ran" }
    }
}
