package dev.sluice.bench.soak

import dev.sluice.Connection
import dev.sluice.ConnectionResetException
import dev.sluice.IdleTimeoutException
import dev.sluice.StreamClosedException
import dev.sluice.net.ConnectOptions
import dev.sluice.net.openConnection
import dev.sluice.net.openUnixConnection
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.withTimeoutOrNull
import java.io.IOException
import kotlin.random.Random
import kotlin.time.Duration.Companion.milliseconds

private val MOMENT = 5.milliseconds

/** Connections that end in other ways than by a close after the last byte. */
internal fun endings(places: Places): List<Exercise> {
    val secure = ConnectOptions { tls = places.security.client }
    val impatient = ConnectOptions { idleTimeout = 50.milliseconds }

    suspend fun tcp() = openConnection(HOST, places.echoPort)

    suspend fun tls() = openConnection(HOST, places.tlsPort, secure)

    suspend fun unix() = openUnixConnection(places.socket)

    suspend fun mute(options: ConnectOptions = ConnectOptions.Default) = openConnection(HOST, places.mutePort, options)

    return listOf(
        Exercise("TCP: a read is cancelled") { random -> tcp().closedAfter { cancelRead(it, random) } },
        Exercise("TLS: a read is cancelled") { random -> tls().closedAfter { cancelRead(it, random) } },
        Exercise("Unix: a read is cancelled") { random -> unix().closedAfter { cancelRead(it, random) } },
        Exercise("TCP: a read times out") { _ ->
            mute().closedAfter { mute ->
                expect(withTimeoutOrNull(MOMENT) { mute.reader.readLine() } == null) { "an answer of a mute server" }
            }
        },
        Exercise("TCP: a drain is cancelled") { _ -> cancelDrain(openConnection(HOST, places.deafPort)) },
        Exercise("TCP: abort amid a transfer") { random -> abortAmid(tcp(), random) },
        Exercise("TLS: abort amid a transfer") { random -> abortAmid(tls(), random) },
        Exercise("Unix: abort amid a transfer") { random -> abortAmid(unix(), random) },
        Exercise("TCP: a close ends a waiting read") { _ -> closeUnderRead(mute()) },
        Exercise("TLS: a close ends a waiting read") { _ -> closeUnderRead(tls()) },
        Exercise("TCP: the server resets") { _ -> beReset(openConnection(HOST, places.resettingPort)) },
        Exercise("TCP: nothing happens until the idle timeout") { _ ->
            val idle = mute(impatient)
            expectFailure<IdleTimeoutException> { idle.reader.readLine() }
            idle.close()
        },
    )
}

/** What the cancelled read had seen is the next one's. */
private suspend fun cancelRead(
    connection: Connection,
    random: Random,
) = coroutineScope {
    val (reader, writer) = connection
    val first = async(start = CoroutineStart.UNDISPATCHED) { reader.readLine() }
    writer.write("begun")
    writer.drain()
    delay(random.nextInt(3).milliseconds)
    first.cancel()
    first.join()
    writer.write(" and ended\n")
    val line = reader.readLine()
    expect(line == "begun and ended") { "'$line' after a cancelled read" }
}

private suspend fun cancelDrain(connection: Connection) {
    val piece = ByteArray(1 shl 20)
    try {
        // Until the system takes no more.
        while (connection.writer.pending == 0L) connection.writer.write(piece)
        expect(withTimeoutOrNull(MOMENT) { connection.writer.drain() } == null) { "a server that does not read took everything" }
    } catch (_: ConnectionResetException) {
        // On a slow machine the server's idle timeout may come first.
    }
    connection.abort()
    runCatching { connection.awaitClosed() }
}

private suspend fun abortAmid(
    connection: Connection,
    random: Random,
) = coroutineScope {
    val bytes = random.nextBytes(1 shl 20)
    val sending = launch { expectEnd { connection.send(bytes) } }
    connection.reader.readExactly(1 + random.nextInt(100_000)).let { it mustBe bytes.copyOf(it.size) }
    connection.abort()
    expectFailure<StreamClosedException> { connection.reader.read(1) }
    sending.join()
}

/** It may be through when the end comes. */
private suspend fun expectEnd(work: suspend () -> Unit) {
    try {
        work()
    } catch (_: StreamClosedException) {
        // As it should be.
    }
}

private suspend fun closeUnderRead(connection: Connection) =
    coroutineScope {
        val reading =
            async(start = CoroutineStart.UNDISPATCHED) { expectFailure<StreamClosedException> { connection.reader.readLine() } }
        connection.close()
        reading.await()
        connection.awaitClosed()
    }

private suspend fun beReset(connection: Connection) {
    connection.writer.write("x")
    expectFailure<ConnectionResetException> { connection.reader.read() }
    expectFailure<IOException> { connection.awaitClosed() }
    connection.close()
}
