package dev.sluice

import java.nio.charset.Charset

/** Whether "\n" is the single byte 0A in this charset, and that byte nothing else, so that lines can be cut before decoding. */
internal fun Charset.hasPlainNewline(): Boolean =
    when {
        this == Charsets.UTF_8 || this == Charsets.ISO_8859_1 || this == Charsets.US_ASCII -> true
        !canEncode() -> false
        else -> "\n".toByteArray(this).contentEquals(byteArrayOf('\n'.code.toByte()))
    }
