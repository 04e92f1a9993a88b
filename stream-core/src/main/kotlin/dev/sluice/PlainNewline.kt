package dev.sluice

import java.nio.charset.Charset

/**
 * Whether "\n" is the single byte 0A in this charset, so that lines can be cut before decoding. In the charsets of the JDK for
 * which that holds, the byte is no part of another character; each line of one with shift states begins in the first state.
 */
internal fun Charset.hasPlainNewline(): Boolean =
    when {
        this == Charsets.UTF_8 || this == Charsets.ISO_8859_1 || this == Charsets.US_ASCII -> true
        !canEncode() -> false
        else -> "\n".toByteArray(this).contentEquals(byteArrayOf('\n'.code.toByte()))
    }
