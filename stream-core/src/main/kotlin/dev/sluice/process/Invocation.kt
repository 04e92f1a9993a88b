@file:NotOnAndroid

package dev.sluice.process

import dev.sluice.NotOnAndroid
import java.nio.file.Path

/** What the system is asked to run. */
internal class Invocation(
    val command: List<String>,
    val env: Map<String, String>,
    val workDir: Path?,
)

/** This environment with [changes], of which null takes a variable away. */
internal fun Map<String, String>.changedBy(changes: Map<String, String?>): Map<String, String> {
    if (changes.isEmpty()) return this
    val result = LinkedHashMap(this)
    for ((name, value) in changes) if (value == null) result.remove(name) else result[name] = value
    return result
}
