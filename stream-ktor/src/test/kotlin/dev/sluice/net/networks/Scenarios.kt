package dev.sluice.net.networks

import dev.sluice.Connection
import dev.sluice.net.ConnectOptions
import dev.sluice.net.ServerOptions
import dev.sluice.net.StreamServer
import dev.sluice.net.during
import dev.sluice.net.echo
import dev.sluice.net.eventually
import dev.sluice.net.failureOf
import dev.sluice.net.mustBe
import dev.sluice.net.openConnection
import dev.sluice.net.pattern
import dev.sluice.net.port
import dev.sluice.net.startServer
import dev.sluice.net.tls.clientTls
import dev.sluice.net.tls.serverTls
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import java.io.File
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource

private const val SIZE = 256 * 1024

/** Plays the scenario of this name in the network namespace that it was started in, and prints what comes of it. */
internal fun main(arguments: Array<String>): Unit =
    runBlocking {
        withTimeout(3.minutes) {
            when (val name = arguments.single()) {
                "netem" -> netem()
                else -> Cable().use { Scenarios(it).play(name) }
            }
        }
    }

private fun say(
    what: String,
    how: Any?,
) = println("$what: $how")

private fun sayFailure(
    what: String,
    failure: Throwable?,
) = say(what, "${failure?.javaClass?.name} ${failure?.message}")

/** The loopback device itself loses, delays and exchanges packets. */
private suspend fun netem() {
    run("tc", "qdisc", "add", "dev", "lo", "root", *NETEM.split(' ').toTypedArray())
    exchange("TCP", "127.0.0.1", "127.0.0.1")
    exchange("TLS", "127.0.0.1", "127.0.0.1", isSecure = true)
    say("sent again", retransmitted())
}

/** Both sides send and receive at the same time, then end their output and meet the end of the other's. */
private suspend fun exchange(
    name: String,
    near: String,
    far: String,
    isSecure: Boolean = false,
) {
    val told = CompletableDeferred<String>()
    val server =
        startServer(near, 0, ServerOptions { if (isSecure) tls = serverTls() }) { connection ->
            val failure = failureOf { connection.exchange(pattern(SIZE, 2), pattern(SIZE, 1)) }
            told.complete(failure?.toString() ?: "exact")
        }
    server.during {
        val options = ConnectOptions { if (isSecure) tls = clientTls { serverHostname = "localhost" } }
        val connection = openConnection(far, server.port, options)
        connection.exchange(pattern(SIZE, 1), pattern(SIZE, 2))
        connection.close()
        connection.awaitClosed()
        say("$name there", told.await())
        say("$name back", "exact")
    }
}

private suspend fun Connection.exchange(
    ours: ByteArray,
    theirs: ByteArray,
) = coroutineScope {
    launch {
        writer.write(ours)
        writer.drain()
        writer.writeEof()
    }
    reader.read() mustBe theirs
}

/** How often TCP has sent something again in this network. */
private fun retransmitted(): Int {
    val (names, values) = File("/proc/self/net/snmp").readLines().filter { it.startsWith("Tcp: ") }.map { it.split(' ') }
    return values[names.indexOf("RetransSegs")].toInt()
}

private class Scenarios(
    private val cable: Cable,
) {
    suspend fun play(name: String): Unit =
        when (name) {
            "rough" -> rough()
            "pulled" -> pulled()
            "idle" -> idle()
            "absent" -> absent()
            "down" -> down()
            "small" -> small()
            "slow" -> slow()
            else -> throw IllegalArgumentException(name)
        }

    private suspend fun rough() {
        cable.useIpv6()
        cable.loses(0.03, duplicates = 0.02)
        cable.delays(1..15)
        exchange("TCP", NEAR, FAR)
        exchange("TLS", NEAR, FAR, isSecure = true)
        exchange("IPv6", NEAR_6, FAR_6)
        cable.counts().forEach(::say)
    }

    private suspend fun pulled() {
        val server =
            startServer(NEAR, 0) { (reader, writer) ->
                val bytes = reader.readExactly(SIZE)
                writer.write(bytes)
                reader.copyTo(writer)
            }
        server.during {
            val connection = openConnection(FAR, server.port, ConnectOptions { sendBuffer = 16 * 1024 })
            cable.pull()
            sayFailure("a connect", failureOf { openConnection(FAR, server.port, ConnectOptions { connectTimeout = 1.seconds }) })
            coroutineScope {
                connection.writer.write(pattern(SIZE))
                val draining = async(start = CoroutineStart.UNDISPATCHED) { connection.writer.drain() }
                val before = retransmitted()
                eventually("TCP tries again") { retransmitted() >= before + 2 }
                say("the drain waits", draining.isActive && connection.writer.pending > 0)
                cable.plug()
                draining.await()
                connection.reader.readExactly(SIZE) mustBe pattern(SIZE)
                say("after it was plugged in", "exact")
            }
            say("a line", connection.asked("still there"))
            connection.close()
            val another = openConnection(FAR, server.port)
            sendThrough(another, pattern(SIZE))
            say("another connection", "exact")
            another.close()
        }
    }

    private suspend fun Connection.asked(line: String): String? {
        writer.write("$line\n")
        return reader.readLine()
    }

    private suspend fun idle() {
        val timeout = 1.seconds
        val heard = Channel<Throwable?>(Channel.UNLIMITED)
        val server =
            startServer(NEAR, 0, ServerOptions { idleTimeout = timeout }) { connection ->
                heard.send(failureOf { echo(connection) })
            }
        server.during {
            val options =
                ConnectOptions {
                    idleTimeout = timeout
                    sendBuffer = 16 * 1024
                }
            val (reading, writing) = List(2) { openConnection(FAR, server.port, options) }
            val began = TimeSource.Monotonic.markNow()
            while (began.elapsedNow() < timeout * 2) {
                for (connection in listOf(reading, writing)) check(connection.asked("ping") == "ping")
                delay(50.milliseconds)
            }
            say("for twice the timeout", "lines came back")
            cable.pull()
            coroutineScope {
                val read = async(start = CoroutineStart.UNDISPATCHED) { failureOf { reading.reader.readLine() } }
                writing.writer.write(pattern(SIZE))
                sayFailure("a drain", failureOf { writing.writer.drain() })
                sayFailure("a read", read.await())
                sayFailure("the end", failureOf { reading.awaitClosed() })
            }
            for (handler in listOf("a handler", "the other handler")) sayFailure(handler, heard.receive())
            eventually("the server lets go of both, though neither can hear of it") { server.connections == 0 }
            say("clients left", server.connections)
        }
    }

    /** A client that goes while nothing gets through: the server learns of it when it has something to say. */
    private suspend fun absent() {
        val come = CompletableDeferred<String?>()
        val goOn = CompletableDeferred<Unit>()
        val heard = CompletableDeferred<Throwable?>()
        val server =
            startServer(NEAR, 0) { connection ->
                come.complete(connection.reader.readLine())
                goOn.await()
                heard.complete(
                    failureOf {
                        while (true) {
                            connection.writer.write("are you there?\n")
                            connection.writer.drain()
                            delay(1.milliseconds)
                        }
                    },
                )
            }
        server.during {
            val connection = openConnection(FAR, server.port)
            connection.writer.write("here I am\n")
            connection.writer.drain()
            say("a line", come.await())
            cable.pull()
            connection.abort()
            runCatching { connection.awaitClosed() }
            say("clients", server.connections)
            cable.plug()
            goOn.complete(Unit)
            sayFailure("the server", heard.await())
        }
    }

    /** The device is switched off: there is no route any more. */
    private suspend fun down() {
        startServer(NEAR, 0, handler = ::echo).during { server ->
            val connection = openConnection(FAR, server.port)
            say("before", connection.asked("x"))
            cable.down()
            sayFailure("a connect", failureOf { openConnection(FAR, server.port) })
            connection.writer.write("y\n")
            connection.writer.drain()
            say("a write is no failure", !connection.writer.isClosing)
            cable.up()
            say("afterwards", connection.reader.readLine())
            connection.close()
        }
    }

    private suspend fun small() {
        startServer(NEAR, 0, handler = ::echo).during { server ->
            val connection = openConnection(FAR, server.port)
            sendThrough(connection, pattern(SIZE, 1))
            say("longest before", cable.counts()["longest"])
            cable.mtu(SMALL)
            sendThrough(connection, pattern(SIZE, 2))
            say("longest after", cable.counts()["longest"])
            connection.close()
            exchange("small", NEAR, FAR)
            say("packets of the exchange", cable.counts()["packets"])
        }
    }

    private suspend fun sendThrough(
        connection: Connection,
        bytes: ByteArray,
    ) = coroutineScope {
        launch {
            connection.writer.write(bytes)
            connection.writer.drain()
        }
        connection.reader.readExactly(bytes.size) mustBe bytes
    }

    private suspend fun slow() {
        cable.carries(RATE, queue = 32 * 1024)
        val received = CompletableDeferred<ByteArray>()
        val server: StreamServer = startServer(NEAR, 0) { received.complete(it.reader.read()) }
        server.during {
            val connection = openConnection(FAR, server.port, ConnectOptions { sendBuffer = 16 * 1024 })
            val began = TimeSource.Monotonic.markNow()
            connection.writer.write(pattern(SIZE))
            connection.writer.drain()
            say("milliseconds of the drain", began.elapsedNow().inWholeMilliseconds)
            connection.close()
            received.await() mustBe pattern(SIZE)
            say("milliseconds", began.elapsedNow().inWholeMilliseconds)
            say("all", "exact")
        }
        cable.counts().forEach(::say)
    }
}

internal const val SMALL = 296
internal const val RATE = 256 * 1024
