package dev.sluice.net

import com.sun.management.ThreadMXBean
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.longs.shouldBeLessThanOrEqual
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import java.lang.management.ManagementFactory
import java.net.InetSocketAddress
import java.nio.channels.SocketChannel

/** What a message of 64 bytes costs the loop's thread in memory, from the selector to the answer. */
internal class EchoAllocationIT :
    FunSpec({
        test("an echoed message allocates the array that the caller gets, and what it takes to wait") {
            withLoop { loop ->
                val server =
                    startServer("127.0.0.1", 0, ServerOptions { eventLoops = loop.group }) { (reader, writer) ->
                        while (true) {
                            val bytes = reader.read(64 * 1024)
                            if (bytes.isEmpty()) break
                            writer.write(bytes)
                            writer.drain()
                        }
                    }
                withContext(Dispatchers.IO) {
                    SocketChannel.open(server.addresses.single() as InetSocketAddress).use { client ->
                        val message = pattern(64)

                        fun converse(times: Int) =
                            repeat(times) {
                                client.send(message)
                                client.receive(64).size shouldBe 64
                            }
                        val threads = ManagementFactory.getThreadMXBean() as ThreadMXBean
                        converse(20_000)
                        val before = threads.getThreadAllocatedBytes(loop.thread.id)
                        converse(20_000)
                        val each = (threads.getThreadAllocatedBytes(loop.thread.id) - before) / 20_000

                        each shouldBeLessThanOrEqual 640
                    }
                }
                server.close()
            }
        }
    })
