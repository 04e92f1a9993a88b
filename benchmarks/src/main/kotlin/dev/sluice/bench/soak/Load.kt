package dev.sluice.bench.soak

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.delay
import kotlinx.coroutines.future.await
import kotlinx.coroutines.isActive
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.sync.Semaphore
import kotlinx.coroutines.sync.withPermit
import kotlinx.coroutines.withTimeoutOrNull
import java.util.concurrent.atomic.AtomicLongArray
import java.util.concurrent.atomic.AtomicReference
import kotlin.random.Random
import kotlin.random.asJavaRandom
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** A fixed number of workers; each does all exercises in an order of its own, again and again. */
internal class Load(
    seed: Long,
) : AutoCloseable {
    private val places = runBlocking { Places.open() }
    private val exercises =
        exchanges(places) + endings(places) + refusals(places) + children() +
            FacadeExercises.of(places.facadePort, places.refusingPort).map { (name, start) ->
                Exercise("Java: $name") { start.apply(it.asJavaRandom()).await() }
            }
    private val done = AtomicLongArray(exercises.size)
    private val atWork = Semaphore(WORKERS)
    private val failure = AtomicReference<Throwable>()
    private val scope = CoroutineScope(SupervisorJob() + Dispatchers.Default)
    private val now = Array(WORKERS) { "" }

    init {
        repeat(WORKERS) { scope.launch { work(it, Random(seed + it)) } }
    }

    /** How often each exercise was done. */
    fun done(): Map<String, Long> = exercises.withIndex().associate { (index, exercise) -> exercise.name to done[index] }

    fun total(): Long = done().values.sum()

    /** Runs [look] when all workers are between two exercises, and the servers have let go of them. */
    fun atRest(look: Runnable) {
        runBlocking {
            var taken = 0
            try {
                withTimeoutOrNull(PATIENCE) { repeat(WORKERS) { atWork.acquire().also { taken++ } } }
                    ?: return@runBlocking fail(WrongResult("does not end: ${now.filter { it.isNotEmpty() }}"))
                withTimeoutOrNull(PATIENCE) { while (places.clients > 0) delay(1.milliseconds) }
                    ?: return@runBlocking fail(WrongResult("${places.clients} clients are left at the servers"))
                look.run()
            } finally {
                repeat(taken) { atWork.release() }
            }
        }
    }

    /** Throws what went wrong, if anything did. */
    fun check() {
        places.complaints.poll()?.let { fail(WrongResult("a handler: $it").apply { initCause(it) }) }
        failure.get()?.let { throw it }
    }

    private suspend fun work(
        worker: Int,
        random: Random,
    ) {
        while (scope.isActive) {
            for (index in exercises.indices.shuffled(random)) {
                val exercise = exercises[index]
                atWork.withPermit {
                    now[worker] = exercise.name
                    try {
                        exercise.run(random)
                    } catch (e: Throwable) {
                        if (scope.isActive) fail(WrongResult("${exercise.name}: $e").apply { initCause(e) })
                        return
                    }
                    now[worker] = ""
                }
                done.incrementAndGet(index)
            }
        }
    }

    private fun fail(why: Throwable) {
        failure.compareAndSet(null, why)
    }

    override fun close() {
        // An exercise that is cancelled in its middle leaves connections that nobody closes.
        runBlocking { withTimeoutOrNull(PATIENCE) { repeat(WORKERS) { atWork.acquire() } } }
        scope.cancel()
        places.close()
    }

    private companion object {
        const val WORKERS = 8
        val PATIENCE = 60.seconds
    }
}
