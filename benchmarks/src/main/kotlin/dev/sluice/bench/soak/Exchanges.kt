package dev.sluice.bench.soak

import dev.sluice.Connection
import dev.sluice.LengthPrefixed
import dev.sluice.framed
import dev.sluice.net.ConnectOptions
import dev.sluice.net.connectedPair
import dev.sluice.net.openConnection
import dev.sluice.net.openUnixConnection
import dev.sluice.relay
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import java.nio.ByteBuffer
import java.util.Arrays
import kotlin.random.Random

private const val PIECE = 64 * 1024
private const val MOST = 256 * 1024

/** Conversations in which every byte comes back. */
internal fun exchanges(places: Places): List<Exercise> {
    val secure = ConnectOptions { tls = places.security.client }
    val ways: List<Pair<String, suspend () -> Connection>> =
        listOf(
            "TCP" to { openConnection(HOST, places.echoPort) },
            "TLS" to { openConnection(HOST, places.tlsPort, secure) },
            "Unix" to { openUnixConnection(places.socket) },
            "TCP to Java" to { openConnection(HOST, places.facadePort) },
        )
    return ways.flatMap { (way, open) ->
        listOf(
            Exercise("$way: lines") { random -> open().closedAfter { exchangeLines(it, random) } },
            Exercise("$way: bulk") { random -> open().closedAfter { exchangeBulk(it, random) } },
            Exercise("$way: messages") { random -> open().closedAfter { exchangeMessages(it, random) } },
            Exercise("$way: a half-close") { random -> open().closedAfter { exchangeToTheEnd(it, random) } },
        )
    } +
        listOf(
            Exercise("TCP: a file") { random ->
                openConnection(HOST, places.echoPort).closedAfter { exchangeFile(it, places, random) }
            },
            Exercise("a relay of pairs") { relayed(it) },
        )
}

/** Runs [use], then closes it and waits for its end. */
internal suspend fun Connection.closedAfter(use: suspend (Connection) -> Unit) {
    try {
        use(this)
    } catch (e: Throwable) {
        abort()
        throw e
    }
    close()
    awaitClosed()
}

/** Small ones are more frequent. */
internal fun Random.someBytes(): ByteArray = nextBytes(1 + nextInt(nextInt(1, MOST)))

internal infix fun ByteArray.mustBe(expected: ByteArray) {
    val difference = Arrays.mismatch(this, expected)
    expect(difference < 0) { "$size bytes instead of ${expected.size}, different from byte $difference on" }
}

private suspend fun exchangeLines(
    connection: Connection,
    random: Random,
) {
    val (reader, writer) = connection
    repeat(1 + random.nextInt(10)) {
        val line = "line $it of ${random.nextLong()}"
        writer.write("$line\n")
        if (random.nextBoolean()) writer.drain()
        val answer = reader.readLine()
        expect(answer == line) { "'$answer' instead of '$line'" }
    }
}

private suspend fun exchangeBulk(
    connection: Connection,
    random: Random,
) {
    val sent = random.someBytes()
    coroutineScope {
        launch { connection.send(sent) }
        val received = ByteBuffer.allocate(sent.size)
        while (received.hasRemaining()) {
            expect(connection.reader.read(received) >= 0) { "the end after ${received.position()} bytes" }
        }
        received.array() mustBe sent
    }
}

internal suspend fun Connection.send(bytes: ByteArray) {
    for (begin in bytes.indices step PIECE) {
        writer.write(bytes, begin, minOf(PIECE, bytes.size - begin))
        writer.drain()
    }
}

private suspend fun exchangeMessages(
    connection: Connection,
    random: Random,
) {
    val framed = connection.framed(LengthPrefixed())
    repeat(1 + random.nextInt(3)) {
        val message = random.nextBytes(random.nextInt(PIECE))
        framed.send(message)
        val answer = framed.receive()
        expect(answer.contentEquals(message)) { "${answer?.size} bytes instead of a message of ${message.size}" }
    }
}

private suspend fun exchangeToTheEnd(
    connection: Connection,
    random: Random,
) {
    val sent = random.someBytes()
    coroutineScope {
        launch {
            connection.send(sent)
            connection.writer.writeEof()
        }
        connection.reader.read() mustBe sent
    }
    expect(connection.reader.atEof) { "bytes after the end" }
}

private suspend fun exchangeFile(
    connection: Connection,
    places: Places,
    random: Random,
) {
    val offset = random.nextInt(places.content.size)
    val count = random.nextInt(places.content.size - offset)
    coroutineScope {
        launch { connection.writer.sendFile(places.file, offset.toLong(), count.toLong()) }
        connection.reader.readExactly(count) mustBe places.content.copyOfRange(offset, offset + count)
    }
}

/** From one end of a pair, over two connections in the middle, to the end of another. */
private suspend fun relayed(random: Random) {
    val (near, left) = connectedPair()
    val (right, far) = connectedPair()
    val there = random.someBytes()
    val back = random.someBytes()
    coroutineScope {
        val result = launch { relay(left, right) }
        for ((connection, bytes) in listOf(near to there, far to back)) {
            launch {
                connection.send(bytes)
                connection.writer.writeEof()
            }
        }
        launch { far.reader.read() mustBe there }
        near.reader.read() mustBe back
        result.join()
    }
    for (connection in listOf(near, left, right, far)) connection.closedAfter {}
}
