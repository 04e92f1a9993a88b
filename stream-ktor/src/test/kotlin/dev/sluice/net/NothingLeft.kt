package dev.sluice.net

import kotlinx.coroutines.delay
import kotlinx.coroutines.withTimeoutOrNull
import java.io.File
import java.nio.channels.ServerSocketChannel
import java.nio.file.Files
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** Where this process's descriptors lead, of sockets and pipes; empty where the system does not show them. */
internal fun openSockets(): List<String> =
    File("/proc/self/fd")
        .listFiles()
        .orEmpty()
        .map { runCatching { Files.readSymbolicLink(it.toPath()).toString() }.getOrDefault("gone") }
        .filter { it.startsWith("socket:") || it.startsWith("pipe:") }
        .sorted()

/** The threads that belong to event loops. */
internal fun loopThreads(name: String): List<String> =
    Thread
        .getAllStackTraces()
        .keys
        .filter { it.isAlive }
        .map { it.name }
        .filter { it.startsWith(name) }
        .sorted()

/** Waits for [condition], which something else is about to make true. */
internal suspend fun eventually(
    what: String,
    condition: () -> Boolean,
) {
    withTimeoutOrNull(30.seconds) { while (!condition()) delay(1.milliseconds) }
        ?: throw AssertionError("did not come about within 30 seconds: $what")
}

/** The shared loops come with the first use, and so does a socket that the JDK closes others with. */
internal fun openWhatStays() {
    EventLoops.default
    ServerSocketChannel.open().close()
}

/** Runs [work], after which no descriptor must be left that was not there before. */
internal suspend fun leavingNothing(work: suspend () -> Unit) {
    openWhatStays()
    val before = openSockets().toSet()
    work()
    // Some of those may be on their way out, from what was before.
    val settled = withTimeoutOrNull(30.seconds) { while (!before.containsAll(openSockets())) delay(1.milliseconds) }
    if (settled == null) throw AssertionError("these descriptors were left: ${openSockets() - before}")
}

/** The first of the causes: coroutines may put copies of an exception in front of it, for the sake of its stack. */
internal fun Throwable.origin(): Throwable = generateSequence(this) { it.cause }.last()
