package dev.sluice.transport

import dev.sluice.LeakWatch

/**
 * Carries the stack of whoever opens a connection into the report that it was never closed. What opens connections takes one before it waits for
 * anything, while the caller's frames are still there, and has the transport's info tell it as [dev.sluice.InfoKey.OpenedAt].
 */
public class OpenedAt private constructor() : Throwable("the connection was opened here") {
    /** The first frame that is not of what opens connections; for the report. */
    internal fun caller(): StackTraceElement? =
        stackTrace.firstOrNull {
            it.className !in WATCHING &&
                it.className.substringBeforeLast('.') !in OPENING
        }

    public companion object {
        private val WATCHING =
            listOf(
                "LeakWatch",
                "EndingFlusher",
                "Outflow",
                "StreamWriter",
                "Connection",
            ).mapTo(HashSet()) { "dev.sluice.$it" }
        private val OPENING = setOf("dev.sluice.transport", "dev.sluice.net", "dev.sluice.async")

        /** Where this is called; `null` if no place is to be noted this time, which is most of the time. */
        @JvmStatic
        public fun note(): OpenedAt? = if (LeakWatch.notesPlace()) OpenedAt() else null
    }
}
