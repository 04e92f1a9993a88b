@file:JvmName("Printed")

package dev.sluice.docs

import java.io.ByteArrayOutputStream
import java.io.PrintStream

private var output = ByteArrayOutputStream()

/** What the example that runs has printed so far; for its checks. */
fun printed(): String = output.toString(Charsets.UTF_8)

/** So that it is not in the report. */
internal fun <T> capturingOutput(code: () -> T): T {
    val before = System.out
    output = ByteArrayOutputStream()
    System.setOut(PrintStream(output, true, Charsets.UTF_8))
    try {
        return code()
    } finally {
        System.setOut(before)
    }
}
