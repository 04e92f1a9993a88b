package dev.sluice.oracle

/** Something that both sides have said: an [operation]'s outcome or, without one, what is left or whether that is the end. */
internal interface Moment {
    val operation: Operation?
    val theirs: Outcome
    var ours: Outcome
    val turn: Turn

    /** What waited when the turn began. */
    val waitedBefore: Operation?

    /**
     * How many bytes were in the buffer of Sluice's reader before [operation] took some of them, and how many the reader has
     * not asked for yet.
     */
    val pulled: Int
    val unpulled: Int

    /** Whether an operation has shown the end, as by an empty result. */
    val endWasMet: Boolean

    /** Sluice reads on, at most [count] bytes. */
    fun readNow(count: Int): Outcome

    /** Sluice takes the bytes that CPython has not got any more; whether they are the right ones. */
    fun takesWhatTheyDropped(): Boolean

    /** What comes after this turn is not compared. */
    fun stopComparing()
}

/** Does [sequence] to a reader, turn by turn, and holds what comes of it against CPython's [answers]. */
internal class Comparison(
    private val sequence: Sequence,
    private val answers: List<Answer>,
) {
    val differences = mutableListOf<DocumentedDifference>()
    private val sluice = SluiceRun(sequence.limit)

    /** What was fed and not taken. */
    private var unread = ""
    private var endWasMet = false
    private var turnsDone = 0
    private var stopped = false

    /** What is different and not documented; `null` if nothing is. */
    fun findMismatch(): String? {
        check(answers.size == sequence.turns.size) { "${answers.size} answers to $sequence" }
        for ((turn, answer) in sequence.turns zip answers) {
            compare(turn, answer)?.let { return "turn ${turnsDone + 1}: $it" }
            turnsDone++
            if (stopped) break
        }
        return checkRest()
    }

    private fun checkRest(): String? {
        val expected = Gave(unread)
        val drained = sluice.drain()
        return when {
            drained != expected -> "at last: $expected should be left, Sluice $drained"
            !sluice.atEof -> "at last: everything was read, Sluice is not at the end"
            else -> null
        }
    }

    private fun compare(
        turn: Turn,
        theirs: Answer,
    ): String? {
        val waitedBefore = sluice.waiting
        val outcomes = sluice.turn(turn)
        val subjects = turn.steps + listOfNotNull(waitedBefore)
        check(outcomes.size == subjects.size && theirs.outcomes.size == subjects.size) { "${theirs.outcomes} and $outcomes" }
        for ((i, subject) in subjects.withIndex()) {
            val moment = Place(turn, waitedBefore, subject as? Operation, theirs.outcomes[i], outcomes[i], theirs.left)
            explain(moment)?.let { return "$subject: $it" }
            if (stopped) return if (sluice.waiting === waitedBefore) null else "$waitedBefore no longer waits"
            when (subject) {
                is Operation -> {
                    take(subject, moment.theirs)
                }

                is Feed -> {
                    if (outcomes[i] == Fine) unread += subject.bytes
                }

                FeedEof, Cancel -> {}
            }
        }
        // What a read(-1) has collected is in no buffer.
        if ((sluice.waiting as? Read)?.isToEnd != true) {
            explain(Place(turn, waitedBefore, null, Left(theirs.left), Left(unread), theirs.left))?.let { return it }
        }
        return explain(Place(turn, waitedBefore, null, AtEof(theirs.atEof), AtEof(sluice.atEof), theirs.left))
    }

    private fun explain(moment: Place): String? {
        val said = moment.ours
        val (ours, used) = DocumentedDifference.explain(moment)
        differences += used
        return if (ours == moment.theirs) null else "CPython ${moment.theirs}, Sluice $said"
    }

    /** Counts off what [operation] took and keeps in mind whether it has shown the end. */
    private fun take(
        operation: Operation,
        outcome: Outcome,
    ) {
        val incomplete = (outcome as? Threw)?.takeIf { it.name == "IncompleteReadException" }
        val taken = incomplete?.fields?.first() ?: (outcome as? Gave)?.bytes ?: ""
        check(unread.startsWith(taken)) { "$operation gave ${taken.escaped()}, but there was ${unread.escaped()}" }
        unread = unread.drop(taken.length)
        val showsEnd =
            when (operation) {
                is Read -> operation.isToEnd || (operation.n > 0 && taken.isEmpty())
                is ReadInto -> operation.room > 0 && taken.isEmpty()
                is ReadExactly, is ReadUntil -> false
                ReadLineBytes, ReadLine, Iterate -> !taken.endsWith('\n')
            }
        endWasMet = endWasMet || outcome == LoopEnded || incomplete != null || (outcome is Gave && showsEnd)
    }

    private inner class Place(
        override val turn: Turn,
        override val waitedBefore: Operation?,
        override val operation: Operation?,
        override val theirs: Outcome,
        override var ours: Outcome,
        private val theirLeft: String,
    ) : Moment {
        override val pulled get() = unread.length - sluice.unpulled
        override val unpulled get() = sluice.unpulled
        override val endWasMet get() = this@Comparison.endWasMet

        override fun readNow(count: Int) = sluice.readNow(count)

        override fun takesWhatTheyDropped(): Boolean {
            val dropped = Gave(unread.removeSuffix(theirLeft))
            if (dropped.bytes + theirLeft != unread || sluice.takeNow(dropped.bytes.length) != dropped) return false
            unread = theirLeft
            return true
        }

        override fun stopComparing() {
            stopped = true
        }
    }
}
