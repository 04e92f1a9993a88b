package dev.sluice.net.hostile

import dev.sluice.Connection
import dev.sluice.WriteLimitException
import dev.sluice.net.ChildJvm
import dev.sluice.net.EventLoops
import dev.sluice.net.ServerOptions
import dev.sluice.net.StreamServer
import dev.sluice.net.echo
import dev.sluice.net.eventually
import dev.sluice.net.plainClient
import dev.sluice.net.port
import dev.sluice.net.startServer
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeInRange
import io.kotest.matchers.longs.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.flow.collect
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.yield

private const val SLOW = 1000
private const val GREEDY = 40
private const val MEBIBYTE = 1 shl 20
private const val LIMIT = 16 * MEBIBYTE
private val BITE = ByteArray(100)

/** Options that nobody has touched, in a heap in which they are all that keeps an attack from it. */
internal class SmallHeapTest : FunSpec({
    test("in a heap of 32 MiB a server outlives slow, endless and greedy clients, and serves a neighbour meanwhile") {
        val options = listOf("-Xmx32m", "-XX:MaxDirectMemorySize=8m", "-XX:+ExitOnOutOfMemoryError", "-Ddev.sluice.leaks=off")
        ChildJvm("dev.sluice.net.hostile.InSmallHeap", options).use { victim ->
            val (lines, echo, talk, careless) =
                victim.output
                    .readLine()
                    .split(' ')
                    .map(String::toInt)
            Neighbour(plainClient(echo)).use { neighbour ->
                plainClient(careless).use { victim.output.readLine().toInt() shouldBeInRange LIMIT - BITE.size + 1..LIMIT }

                withAttackers(SLOW, lines) { slow ->
                    withAttackers(GREEDY, echo) { senders ->
                        withAttackers(GREEDY, talk) { silent ->
                            val piece = ByteArray(MEBIBYTE)
                            repeat(5) {
                                slow.forEach { it.send(byteArrayOf('x'.code.toByte())) shouldBe true }
                                senders.forEach { it.send(piece) shouldBe true }
                                endlessLines(lines, piece)
                                neighbour.mustGetOn(20)
                            }
                            senders.sumOf { it.sent } shouldBeGreaterThan 32L * MEBIBYTE
                            silent.size shouldBe GREEDY
                            eventually("those are left who were not thrown out") {
                                victim.connections() == "$SLOW ${GREEDY + 1} $GREEDY 0"
                            }
                        }
                    }
                }
                neighbour.mustGetOn()
                eventually("only the neighbour is left") { victim.connections() == "0 1 0 0" }
            }
        }
    }
})

private fun ChildJvm.connections(): String {
    tell("connections")
    return output.readLine()
}

/** Each sends until it is thrown out. */
private suspend fun endlessLines(
    port: Int,
    piece: ByteArray,
): Unit = withAttackers(GREEDY, port) { endless -> eventually("they are thrown out") { endless.count { it.send(piece) } == 0 } }

/** A child's program: servers on one loop that take what comes, each in its way. */
internal object InSmallHeap {
    @JvmStatic
    fun main(arguments: Array<String>): Unit =
        runBlocking {
            check(arguments.isEmpty())
            val loops = EventLoops(1, "small", blockedTaskThreshold = null)
            val lines = serve(loops) { (reader, _) -> reader.lines().collect() }
            val echo = serve(loops, ::echo)
            val talk =
                serve(loops) { (_, writer) ->
                    while (true) {
                        writer.write(ByteArray(64 * 1024))
                        writer.drain()
                    }
                }
            val careless = serve(loops, ::writeWithoutDrain)
            val servers = listOf(lines, echo, talk, careless)
            println(servers.joinToString(" ") { "${it.port}" })
            while (readlnOrNull() != null) println(servers.joinToString(" ") { "${it.connections}" })
            loops.close()
        }

    /** What goes wrong with a client is its own affair. */
    private suspend fun serve(
        loops: EventLoops,
        handler: suspend (Connection) -> Unit,
    ): StreamServer {
        val options =
            ServerOptions {
                eventLoops = loops
                backlog = SLOW
                onError = { _, _ -> }
            }
        return startServer("127.0.0.1", 0, options, handler)
    }

    private suspend fun writeWithoutDrain(connection: Connection) {
        val writer = connection.writer
        var count = 0
        try {
            while (true) {
                writer.write(BITE)
                if (++count % 100 == 0) yield()
            }
        } catch (_: WriteLimitException) {
            println(writer.pending)
        }
    }
}
