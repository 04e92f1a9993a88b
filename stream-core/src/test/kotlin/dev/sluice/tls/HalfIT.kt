package dev.sluice.tls

import dev.sluice.StreamClosedException
import dev.sluice.isThorough
import dev.sluice.patient
import io.kotest.core.spec.style.FunSpec
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.launch
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions
import org.jetbrains.lincheck.datastructures.Operation
import org.jetbrains.lincheck.datastructures.StressOptions
import org.jetbrains.lincheck.datastructures.Validate
import java.util.concurrent.atomic.AtomicInteger

/** One caller, one visitor and one who shuts, under their interleavings: never two of them inside, and nobody left waiting. */
internal class HalfIT : FunSpec({
    test("one caller, a visitor and who shuts both out, in each order of their steps") {
        ModelCheckingOptions()
            .patient()
            .iterations(if (isThorough) 4 else 2)
            .threads(3)
            .actorsBefore(0)
            .actorsPerThread(2)
            .actorsAfter(0)
            .invocationsPerIteration(300)
            .check(HalfModel::class)
    }

    test("the same on threads that run freely") {
        StressOptions()
            .iterations(5)
            .threads(3)
            .actorsBefore(0)
            .actorsPerThread(3)
            .actorsAfter(0)
            .invocationsPerIteration(1000)
            .check(HalfModel::class)
    }
})

internal class HalfModel {
    private val half = Half { StreamClosedException("shut") }
    private val inside = AtomicInteger()

    @Volatile
    private var isShut = false

    @Volatile
    private var owner: Job? = null

    @Volatile
    private var wait: Job? = null

    @Operation(nonParallelGroup = "caller")
    fun use() {
        try {
            half.tryUse { step() }
        } catch (_: StreamClosedException) {
            check(isShut) { "closed, and nobody has shut it" }
        }
    }

    /** As a write that finds no room: what it waits for here never comes. */
    @Operation(nonParallelGroup = "caller")
    fun await() {
        if (wait != null) return
        wait =
            CoroutineScope(Dispatchers.Unconfined).launch {
                try {
                    half.await { awaitCancellation() }
                } catch (_: StreamClosedException) {
                    check(isShut) { "closed, and nobody has shut it" }
                }
            }
    }

    @Operation(nonParallelGroup = "visitor")
    fun visit() {
        half.visit { step() }
    }

    @Operation(nonParallelGroup = "closer")
    fun shut() {
        if (isShut) return
        isShut = true
        half.shut()
        owner =
            CoroutineScope(Dispatchers.Unconfined).launch {
                half.awaitTaken()
                // For good.
                check(inside.incrementAndGet() == 1) { "taken while somebody was inside" }
            }
    }

    @Validate
    fun whoShutsGetsItAndNobodyWaits() {
        val owner = owner ?: return
        check(owner.isCompleted && !owner.isCancelled) { "who has shut it does not get it" }
        check(inside.get() == 1) { "${inside.get()} are inside" }
        val wait = wait ?: return
        check(wait.isCompleted && !wait.isCancelled) { "somebody waits, or was told something else" }
    }

    private fun step() {
        check(inside.incrementAndGet() == 1) { "two are inside" }
        inside.decrementAndGet()
    }
}
