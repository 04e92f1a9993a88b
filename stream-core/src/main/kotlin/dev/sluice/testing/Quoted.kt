package dev.sluice.testing

/** Bytes as a person reads them: text in quotes, and what is none as escapes. */
internal class Quoted(
    private val bytes: ByteArray,
) {
    override fun equals(other: Any?): Boolean = other is Quoted && bytes.contentEquals(other.bytes)

    override fun hashCode(): Int = bytes.contentHashCode()

    override fun toString(): String =
        bytes.joinToString("", prefix = "\"", postfix = "\"", limit = LONGEST) {
            escaped(it.toInt() and 0xFF)
        }

    private fun escaped(byte: Int): String =
        when (val char = byte.toChar()) {
            '\n' -> "\\n"
            '\r' -> "\\r"
            '\t' -> "\\t"
            '"', '\\' -> "\\$char"
            in ' '..'~' -> char.toString()
            else -> "\\x" + byte.toString(16).padStart(2, '0')
        }

    private companion object {
        const val LONGEST = 200
    }
}
