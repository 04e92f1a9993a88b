package dev.sluice.net

import dev.sluice.Connection
import dev.sluice.InfoKey
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.withContext
import java.nio.ByteBuffer
import java.nio.channels.SocketChannel

internal class ConnectingLoopTest :
    FunSpec({
        /** Which of the loops the connection's channel is registered with. */
        suspend fun List<EventLoop>.of(connection: Connection): EventLoop {
            val channel = connection.info[InfoKey.Channel] as SocketChannel
            return single { loop -> withContext(loop) { loop.keyOf(channel) != null } }
        }

        fun EventLoops.all(count: Int): List<EventLoop> = List(count) { next() }

        test("C-030 a coroutine of an event loop connects there, and stays") {
            ListeningPort().use { server ->
                EventLoops(3, "own").use { loops ->
                    val all = loops.all(3)
                    for (loop in all) {
                        withContext(loop) {
                            // With no group, and with its own.
                            for (options in listOf(ConnectOptions.Default, ConnectOptions { eventLoops = loops })) {
                                val connection = openConnection("127.0.0.1", server.port, options)
                                loop.isInLoop shouldBe true
                                all.of(connection) shouldBe loop
                                server.accept().use { it.write(ByteBuffer.wrap("x\n".toByteArray())) }
                                connection.reader.readLine() shouldBe "x"
                                loop.isInLoop shouldBe true
                                connection.abort()
                            }
                        }
                    }
                }
            }
        }

        test("C-030 a coroutine of a loop of another group connects on the group that is given, and stays where it is") {
            ListeningPort().use { server ->
                EventLoops(1, "caller").use { callers ->
                    EventLoops(1, "given").use { given ->
                        val caller = callers.next()
                        withContext(caller) {
                            val connection = openConnection("127.0.0.1", server.port, ConnectOptions { eventLoops = given })
                            caller.isInLoop shouldBe true
                            (caller.keyOf(connection.info[InfoKey.Channel] as SocketChannel) == null) shouldBe true
                            given.all(1).of(connection) shouldBe given.next()
                            connection.abort()
                        }
                    }
                }
            }
        }

        test("C-030 from elsewhere the loops of the group are taken in turn") {
            ListeningPort().use { server ->
                EventLoops(3, "turns").use { loops ->
                    val all = loops.all(3)
                    val connections =
                        List(6) { openConnection("127.0.0.1", server.port, ConnectOptions { eventLoops = loops }) }
                    connections.map { all.of(it) } shouldContainExactly all + all
                    connections.forEach { it.abort() }
                }
            }
        }

        test("C-031, J-005 a lookup on an event loop leaves the loop to others, and connects there") {
            ListeningPort().use { server ->
                EventLoops(1, "lookup").use { loops ->
                    val loop = loops.next()
                    withContext(loop) {
                        val connection = openConnection("localhost", server.port)
                        loop.isInLoop shouldBe true
                        listOf(loop).of(connection) shouldBe loop
                        connection.abort()
                    }
                }
            }
        }
    })
