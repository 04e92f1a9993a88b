@file:JvmName("NoLeaks")

package dev.sluice.testing

import dev.sluice.LeakWatch

/**
 * Collects garbage, and fails if connections were collected that nobody had closed, since the last call or the start of the program. With
 * `-Ddev.sluice.leaks=always` the message says where each of them was opened; with `off` none is found.
 *
 * ```kotlin
 * @AfterAll
 * fun nothingIsLeftOpen() = checkNoLeaks()
 * ```
 * @throws AssertionError some were
 */
public fun checkNoLeaks() {
    val leaks = LeakWatch.collect()
    if (leaks.isNotEmpty()) {
        throw AssertionError(
            leaks.joinToString("\n", prefix = "${leaks.size} connections were not closed:\n"),
        )
    }
}
