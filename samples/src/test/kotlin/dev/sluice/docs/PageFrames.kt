package dev.sluice.docs

/** Turns the frames of examples in stack traces into lines of pages. */
internal class PageFrames(
    private val sources: List<Source>,
) {
    fun putInto(failure: Throwable) {
        for (each in failure.andWhatIsBehindIt()) {
            each.stackTrace =
                each.stackTrace.map { frame -> sources.named(frame.fileName.orEmpty())?.onPage(frame) ?: frame }.toTypedArray()
        }
    }

    /** Where the first line of a page is that leads to it. */
    fun placeOf(failure: Throwable): String? =
        failure
            .andWhatIsBehindIt()
            .flatMap { it.stackTrace.asSequence() }
            .find { it.fileName.orEmpty().endsWith(".md") }
            ?.let { "${it.fileName}:${it.lineNumber}" }

    private fun Throwable.andWhatIsBehindIt(): Sequence<Throwable> {
        val seen = LinkedHashSet<Throwable>()

        fun look(failure: Throwable?) {
            if (failure == null || !seen.add(failure)) return
            look(failure.cause)
            failure.suppressed.forEach(::look)
        }
        look(this)
        return seen.asSequence()
    }
}
