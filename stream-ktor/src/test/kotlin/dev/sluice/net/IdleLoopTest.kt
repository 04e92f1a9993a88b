package dev.sluice.net

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.longs.shouldBeGreaterThan
import io.kotest.matchers.longs.shouldBeLessThanOrEqual
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.withTimeout
import java.lang.management.ManagementFactory
import java.net.InetSocketAddress
import kotlin.time.Duration.Companion.nanoseconds
import kotlin.time.Duration.Companion.seconds

internal class IdleLoopTest :
    FunSpec({
        test("a thousand idle connections, and as many cancelled reads, do not turn the loop") {
            leavingNothing {
                withLoops(name = "idle") { loops ->
                    val loop = loops.next()
                    val server =
                        startServer(
                            "127.0.0.1",
                            0,
                            ServerOptions { eventLoops = loops },
                        ) { (reader, writer) -> reader.copyTo(writer) }
                    val port = (server.addresses[0] as InetSocketAddress).port
                    val connections = List(1_000) { openConnection("127.0.0.1", port, ConnectOptions { eventLoops = loops }) }
                    connections.last().writer.write("ready\n")
                    connections.last().reader.readLine() shouldBe "ready"
                    eventually("all are served") { server.connections == 1_000 }

                    val before = loop.cpuTime()
                    turnsWhileIdle(loop) shouldBeLessThanOrEqual FEW_TURNS
                    (loop.cpuTime() - before).inWholeMilliseconds shouldBeLessThanOrEqual 100

                    coroutineScope {
                        val reads =
                            connections.map {
                                launch(
                                    Dispatchers.Default,
                                    CoroutineStart.UNDISPATCHED,
                                ) { it.reader.read(1) }
                            }
                        reads.forEach { it.cancel() }
                    }
                    turnsWhileIdle(loop) shouldBeLessThanOrEqual FEW_TURNS

                    connections.first().writer.write("still here\n")
                    connections.first().reader.readLine() shouldBe "still here"
                    connections.forEach { it.abort() }
                    server.close()
                    withTimeout(60.seconds) { server.awaitClosed() }
                }
            }
        }

        for (kind in SocketKind.values()) {
            test("a $kind peer that stops reading does not turn the writer's loop, and its reading wakes the writer") {
                withLoops(threads = 2, name = "stalled") { loops ->
                    val (left, right) = kind.pair(loops.next())
                    val limits = ConnectOptions.Default.limits
                    val loop = loops.next()
                    val connections = listOf(limits.connect(left, loop), limits.connect(right, loops.next()))
                    val writer = connections[0].writer
                    val reader = connections[1].reader
                    val size = 12 shl 20
                    coroutineScope {
                        writer.write(ByteArray(size))
                        val draining = async(Dispatchers.Default) { writer.drain() }
                        var last = -1L
                        // Full when a whole idle second moves nothing more.
                        while (writer.pending != last) {
                            last = writer.pending
                            turnsWhileIdle(loop)
                        }
                        writer.pending shouldBeGreaterThan 0
                        turnsWhileIdle(loop) shouldBeLessThanOrEqual FEW_TURNS
                        draining.isCompleted shouldBe false

                        reader.readExactly(size).size shouldBe size
                        withTimeout(60.seconds) { draining.await() }
                        writer.pending shouldBe 0
                    }
                    connections.forEach { it.close() }
                }
            }
        }
    })

private fun EventLoop.cpuTime() = ManagementFactory.getThreadMXBean().getThreadCpuTime(thread.id).nanoseconds
