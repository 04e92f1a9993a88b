package dev.sluice.net.interop

import dev.sluice.net.connectedPair
import dev.sluice.net.leavingNothing
import dev.sluice.net.mustRead
import dev.sluice.net.openConnection
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CoroutineStart.UNDISPATCHED
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import java.net.InetAddress
import java.net.InetSocketAddress
import java.nio.ByteBuffer
import java.nio.channels.ServerSocketChannel
import java.nio.channels.SocketChannel

internal class AdoptedEndTest :
    FunSpec({
        test("C-093 one end of a pair waits for data, which the other sends a moment later") {
            leavingNothing {
                val (waiting, sending) = connectedPair()
                coroutineScope {
                    val read = async(start = UNDISPATCHED) { waiting.reader.read(100) }
                    read.isCompleted shouldBe false
                    sending.writer.write("abc")
                    read.await() mustRead "abc"
                }
                listOf(waiting, sending).forEach { it.close() }
                listOf(waiting, sending).forEach { it.awaitClosed() }
            }
        }
        test("C-093 an adopted end of a pair of plain channels waits for data, which the other sends a moment later") {
            leavingNothing {
                val (mine, other) = channelPair()
                other.use {
                    val connection = openConnection(mine)
                    coroutineScope {
                        val read = async(start = UNDISPATCHED) { connection.reader.read(100) }
                        read.isCompleted shouldBe false
                        other.write(ByteBuffer.wrap("abc".toByteArray())) shouldBe 3
                        read.await() mustRead "abc"
                    }
                    connection.close()
                }
            }
        }
    })

private fun channelPair(): Pair<SocketChannel, SocketChannel> =
    ServerSocketChannel.open().bind(InetSocketAddress(InetAddress.getLoopbackAddress(), 0)).use {
        SocketChannel.open(it.localAddress) to it.accept()
    }
