@file:NotOnAndroid

package dev.sluice.process

import dev.sluice.NotOnAndroid
import java.io.IOException
import java.nio.file.AccessDeniedException

/** What it means that the system did not start a program that was found, in words of our own: those of the JDK differ between releases. */
internal fun startFailure(
    program: String,
    cause: IOException,
): IOException =
    when (errorNumber(cause)) {
        NO_SUCH_FILE -> {
            IOException(
                "$program can't be run: the interpreter that its first line names, or the loader it needs, is missing",
                cause,
            )
        }

        TOO_LONG -> {
            IOException("$program can't be run: its arguments and environment are too long for the system", cause)
        }

        DENIED -> {
            AccessDeniedException(program, null, "the system does not let it run").apply { initCause(cause) }
        }

        else -> {
            IOException("$program can't be run: ${cause.cause?.message ?: cause.message}", cause)
        }
    }

private fun errorNumber(cause: IOException): Int? =
    generateSequence<Throwable>(cause) {
        it.cause
    }.firstNotNullOfOrNull { ERROR.find(it.message.orEmpty()) }?.run { groupValues[1].toInt() }

private val ERROR = Regex("""error[=:] ?(\d+)""")
private const val NO_SUCH_FILE = 2
private const val TOO_LONG = 7
private const val DENIED = 13
