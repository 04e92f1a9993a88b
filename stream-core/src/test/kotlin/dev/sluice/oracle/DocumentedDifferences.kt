package dev.sluice.oracle

import dev.sluice.oracle.DocumentedDifference.entries

/**
 * Everything in which [StreamReader][dev.sluice.StreamReader] may differ from asyncio's, besides [namesOfErrors]; what is not
 * here is a failure. The ids are those of `docs/conformance-rows.txt`.
 *
 * Where the two sides say something different, [inTheirTerms] turns what Sluice said into what it stands for in CPython's
 * terms, after checking that Sluice does exactly what is documented; `null` if the difference has nothing to do with it.
 */
internal enum class DocumentedDifference(
    val rows: String,
    val inTheirTerms: Moment.() -> Outcome?,
) {
    /**
     * A line over the limit: CPython drops it, or the part that has come, and raises ValueError. Sluice drops nothing and
     * throws LimitOverrunException. The count must be the same. What CPython has dropped is then taken from Sluice.
     */
    LONG_LINE_STAYS("R-023, R-024, R-025, R-026, R-028", {
        val theirs = theirs as? Threw
        val sameCount = theirs?.name == "IllegalArgumentException" && ours == Threw("LimitOverrunException", theirs.fields)
        if (operation.readsLine && sameCount && takesWhatTheyDropped()) theirs else null
    }),

    /** CPython's readline() gives bytes; Sluice's readLine() gives text without "\n" or "\r\n", and null at the end. */
    LINE_IS_TEXT("R-020, R-021", {
        val line = (theirs as? Gave)?.bytes.orEmpty()
        val ending = listOf("\r\n", "\n", "").first { line.endsWith(it) }
        val expected = GaveText(if (line == "") null else line.removeSuffix(ending))
        if (operation == ReadLine && theirs is Gave && ours == expected) theirs else null
    }),

    /**
     * CPython has all bytes in its buffer as soon as they are fed, Sluice pulls them when an operation needs them: read(n) gives
     * what was pulled before, though more could be had. The rest must come with further reads.
     */
    READ_STOPS_AT_WHAT_WAS_PULLED("R-008, R-071", {
        val wanted = (operation as? Read)?.n ?: (operation as? ReadInto)?.room ?: 0
        val theirs = theirs as? Gave
        var got = (ours as? Gave)?.bytes.orEmpty()
        val stoppedThere = theirs != null && got.isNotEmpty() && pulled == got.length && unpulled > 0
        while (stoppedThere && got.length < theirs.bytes.length) {
            got += (readNow(wanted - got.length) as? Gave)?.bytes?.takeIf { it.isNotEmpty() } ?: break
        }
        if (stoppedThere) Gave(got) else null
    }),

    /**
     * For the same reason an overrun is found earlier, among fewer bytes. Its count must be the one for the bytes that were
     * pulled.
     */
    OVERRUN_COUNTS_WHAT_WAS_PULLED("R-043", {
        val theirs = (theirs as? Threw)?.fields?.singleOrNull()?.toIntOrNull()
        val earlier = pulled + 1 - operation.longestSeparator
        val isEarlier = theirs != null && unpulled > 0 && earlier < theirs
        if (isEarlier && ours == overrun(earlier)) overrun(theirs) else null
    }),

    /** CPython's at_eof() turns true by itself; Sluice's atEof does in an operation that meets the end, at the latest. */
    END_IS_PULLED("R-050", { AtEof(true).takeIf { ours == AtEof(false) && !endWasMet } }),

    /** A cancelled read(-1) has lost what it collected in CPython, nothing in Sluice. The same is then taken from Sluice. */
    CANCELLED_READ_LOSES_NOTHING("R-069", {
        val cancelled = (waitedBefore as? Read)?.isToEnd == true && Cancel in turn.steps
        if (cancelled && ours is Left && takesWhatTheyDropped()) theirs else null
    }),

    /**
     * A read while another one waits: Sluice refuses it and it takes nothing. CPython refuses it only if it would have to
     * wait, and may have taken bytes from under the first by then. When it has, nothing that follows can be compared.
     */
    SECOND_READ_TAKES_NOTHING("R-065, R-066", {
        val second = turn.steps.singleOrNull() as? Operation
        val refused = operation == second && ours == Threw("IllegalStateException")
        val tookAndRefused = (second as? Read)?.isToEnd == true && ours is Left
        if (second != null && waitedBefore != null && (refused || tookAndRefused)) theirs.also { stopComparing() } else null
    }),
    ;

    companion object {
        /** What [moment] comes to in CPython's terms, and the differences that it took. */
        fun explain(moment: Moment): Pair<Outcome, List<DocumentedDifference>> {
            val used = mutableListOf<DocumentedDifference>()
            while (moment.ours != moment.theirs) {
                val (difference, outcome) =
                    (entries - used).firstNotNullOfOrNull { d -> d.inTheirTerms(moment)?.let { d to it } } ?: break
                used += difference
                moment.ours = outcome
            }
            return moment.ours to used
        }
    }
}

/** The same errors under the JVM's names. */
internal val namesOfErrors =
    mapOf(
        "IncompleteReadError" to "IncompleteReadException",
        "LimitOverrunError" to "LimitOverrunException",
        "ValueError" to "IllegalArgumentException",
        "RuntimeError" to "IllegalStateException",
        "AssertionError" to "IllegalStateException",
        "CancelledError" to "CancellationException",
    )

private fun overrun(consumed: Int) = Threw("LimitOverrunException", listOf("$consumed"))

private val Operation?.readsLine get() = this == ReadLine || this == ReadLineBytes || this == Iterate

private val Operation?.longestSeparator get() = (this as? ReadUntil)?.separators?.maxOfOrNull { it.length } ?: 1
