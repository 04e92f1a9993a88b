package dev.sluice.net.leaks

import dev.sluice.net.ConnectOptions
import dev.sluice.net.connectedPair
import dev.sluice.net.echo
import dev.sluice.net.openConnection
import dev.sluice.net.port
import dev.sluice.net.startServer
import dev.sluice.testing.checkNoLeaks
import dev.sluice.testing.memoryStreamPair
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeoutOrNull
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** Forgets connections in several ways, and prints what is found: for [dev.sluice.net.LeakTest] to read. */
internal fun main(): Unit =
    runBlocking {
        val echo = startServer("127.0.0.1", 0, handler = ::echo)
        forgetOne(echo.port)
        found("forgotten")
        found("told once")
        while (echo.connections > 0) delay(1.milliseconds)
        println("the peer has seen its end")
        stopReading(echo.port)
        found("not read any more")

        val reader = readerOf(echo.port)
        found("its reader in use")
        val writer = writerOf(echo.port)
        found("its writer in use")
        reader.close()
        writer.close()

        closeInEveryWay(echo.port)
        memoryStreamPair()
        found("closed")
        echo.close()
        val aborting = startServer("127.0.0.1", 0) { it.reader.read(1).run { it.abort() } }
        loseAndClose(aborting.port)
        found("lost and closed")
        val awaited = CompletableDeferred<Unit>()
        awaitElsewhere(aborting.port, awaited)
        found("its end awaited")
        awaited.await()
        println("and told")
        aborting.close()
    }

private suspend fun found(what: String) {
    // What has run until here is on the stack: this begins with a new one.
    delay(1.milliseconds)
    val message = runCatching { checkNoLeaks() }.exceptionOrNull()?.message ?: "nothing"
    println("$what: " + message.replace(Regex(":\\d{4,5} "), ":PORT ").replace(Regex("kt:\\d+"), "kt").replace("\n", " | "))
}

// Each in frames of its own, so that no slot of the program's own frame holds on to a connection.

private suspend fun forgetOne(port: Int) {
    val connection = openConnection("127.0.0.1", port)
    connection.writer.write("x\n")
    check(connection.reader.readLine() == "x")
}

private suspend fun stopReading(port: Int) {
    val connection = openConnection("127.0.0.1", port)
    check(withTimeoutOrNull(1.milliseconds) { connection.reader.readLine() } == null)
}

/** Nobody but the one who waits has the connection, and nobody but the connection the one who waits. */
private suspend fun awaitElsewhere(
    port: Int,
    awaited: CompletableDeferred<Unit>,
) {
    val connection = openConnection("127.0.0.1", port, ConnectOptions { idleTimeout = 2.seconds })
    CoroutineScope(Dispatchers.Unconfined).launch {
        runCatching { connection.awaitClosed() }
        connection.close()
        awaited.complete(Unit)
    }
}

private suspend fun readerOf(port: Int) = openConnection("127.0.0.1", port).reader

private suspend fun writerOf(port: Int) = openConnection("127.0.0.1", port).writer

private suspend fun closeInEveryWay(port: Int) {
    openConnection("127.0.0.1", port).close()
    openConnection("127.0.0.1", port).abort()
    val (left, right) = connectedPair()
    left.writer.close()
    right.close()
}

private suspend fun loseAndClose(port: Int) {
    val lost = openConnection("127.0.0.1", port)
    lost.writer.write("x")
    runCatching { lost.reader.readLine() }
    runCatching { lost.awaitClosed() }
    lost.close()
}
