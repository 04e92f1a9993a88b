package dev.sluice.net

import dev.sluice.ConnectionResetException
import dev.sluice.StreamClosedException
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeSameInstanceAs
import java.io.IOException
import java.nio.channels.AsynchronousCloseException
import java.nio.channels.FileChannel
import java.nio.channels.SocketChannel
import java.nio.file.Path

internal class SocketFailuresTest :
    FunSpec({
        for (kind in SocketKind.entries) {
            test("J-011 over $kind what the system says is a loss, in whatever language it says it") {
                onInfo(kind) { info ->
                    for (text in listOf("Connection reset", "Datenübergabe unterbrochen (broken pipe)", null)) {
                        val cause = IOException(text)
                        val told = info.failure(cause)
                        told.javaClass shouldBe ConnectionResetException::class.java
                        told.message shouldBe "${info.connection} was lost: $text"
                        told.cause shouldBeSameInstanceAs cause
                    }
                }
            }

            test("J-011 over $kind a channel that was closed is no loss") {
                onInfo(kind) { info ->
                    val cause = AsynchronousCloseException()
                    val told = info.failure(cause)
                    told.javaClass shouldBe StreamClosedException::class.java
                    told.message shouldBe "${info.connection} was closed"
                    told.cause shouldBeSameInstanceAs cause
                }
            }

            test("W-002 over $kind what can't be sent of a file is no loss") {
                onInfo(kind) { info ->
                    inFolder { folder ->
                        val cause = failureOf { sendAll(folder, info.channel) } as IOException
                        val told = info.failure(cause, mayBeOfFile = true)
                        told.javaClass shouldBe IOException::class.java
                        told.message shouldBe "${info.connection} failed: ${cause.message}"
                        told.cause shouldBeSameInstanceAs cause
                    }
                }
            }
        }
    })

private suspend fun onInfo(
    kind: SocketKind,
    use: suspend (SocketInfo) -> Unit,
) {
    val (left, right) = kind.pair(EventLoops.default.next())
    left.use { right.use { use(Info(left)) } }
}

private class Info(
    channel: SocketChannel,
) : SocketInfo(channel) {
    override fun idled(): Unit = error("it is in no wheel")
}

private fun sendAll(
    file: Path,
    channel: SocketChannel,
): Long = FileChannel.open(file).use { it.transferTo(0, 1, channel) }
