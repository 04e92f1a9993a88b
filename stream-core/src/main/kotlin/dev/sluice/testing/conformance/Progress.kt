package dev.sluice.testing.conformance

/** What a check is waiting for at the moment, so that a hang can say where it hangs. */
internal class Progress {
    private class Step(
        val expected: String,
    )

    private val steps = LinkedHashSet<Step>()

    /** How many waits have begun: while it grows, nothing hangs. */
    @Volatile
    var count = 0L
        private set

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
            count++
            steps += step
        }
        return step
    }

    private fun end(step: Step) {
        synchronized(steps) { steps -= step }
    }
}
