package dev.sluice.testing.conformance

/** What a check is waiting for at the moment, so that a hang can say where it hangs. */
internal class Progress {
    private class Step(
        val expected: String,
    )

    private val steps = LinkedHashSet<Step>()

    /** Grows with all that happens, a wait that begins for one: while it does, nothing hangs. */
    @Volatile
    var count = 0L
        private set

    /** Counts a step. One that is not counted, because another thread counts one, makes no difference. */
    fun tick() {
        count++
    }

    suspend fun <T> during(
        expected: String,
        block: suspend () -> T,
    ): T {
        val step = begin(expected)
        try {
            return block()
        } finally {
            end(step)
        }
    }

    override fun toString(): String =
        synchronized(steps) { steps.map { it.expected }.distinct() }
            .ifEmpty { listOf("the check to get on") }
            .joinToString(" and ")

    private fun begin(expected: String): Step {
        val step = Step(expected)
        synchronized(steps) {
            tick()
            steps += step
        }
        return step
    }

    private fun end(step: Step) {
        synchronized(steps) { steps -= step }
    }
}
