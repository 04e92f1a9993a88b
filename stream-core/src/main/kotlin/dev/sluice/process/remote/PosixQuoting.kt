package dev.sluice.process.remote

/** As one word of a POSIX shell, whatever is in it. */
internal fun posixQuoted(text: String): String = "'" + text.replace("'", "'\\''") + "'"

/** As a command of a POSIX shell that has these words, and no others. */
internal fun posixCommand(words: List<String>): String = words.joinToString(" ", transform = ::posixQuoted)
