package dev.sluice.net

import dev.sluice.LengthPrefixed
import dev.sluice.Throttle
import dev.sluice.framed
import dev.sluice.limited
import dev.sluice.relay
import dev.sluice.tee
import dev.sluice.throttled
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.flow.toList

/** What docs/composing.md tells its readers to write. */
internal class ComposingGuideTest : FunSpec({
    test("a proxy") {
        leavingNothing {
            startServer("127.0.0.1", 0, handler = ::echo).during { upstream ->
                val log = ArrayList<String>()
                startServer("127.0.0.1", 0) { client ->
                    val (up, down) = relay(client, openConnection("127.0.0.1", upstream.port))
                    log += "${up.bytes} bytes up, ${down.bytes} down"
                }.during { proxy ->
                    val (reader, writer) = openConnection("127.0.0.1", proxy.port)
                    writer.write("there and back")
                    writer.writeEof()
                    reader.read().decodeToString() shouldBe "there and back"
                    writer.close()
                    eventually("the relay is over") { log.isNotEmpty() }
                }
                log shouldBe listOf("14 bytes up, 14 down")
            }
        }
    }

    test("a part, a copy, and less at a time") {
        val (left, right) = connectedPair()
        val (log, logged) = connectedPair()
        val downloads = Throttle(bytesPerSecond = 1L shl 20)
        left.writer.write("bodynext\n")
        val body =
            right.reader
                .limited(4)
                .tee(log.writer)
                .throttled(downloads)
        downloads.bytesPerSecond = 4L shl 20
        body.read().decodeToString() shouldBe "body"
        right.reader.readLine() shouldBe "next"
        logged.reader.readExactly(4).decodeToString() shouldBe "body"
        listOf(left, right, log, logged).forEach { it.abort() }
    }

    test("messages") {
        val (left, right) = connectedPair()
        val messages = left.framed(LengthPrefixed(width = 4, maxLength = 1 shl 20))
        val answers = right.framed(LengthPrefixed())
        messages.send("ping".toByteArray())
        answers.receive()?.decodeToString() shouldBe "ping"
        answers.send("pong".toByteArray())
        answers.close()
        messages.messages().toList().map { it.decodeToString() } shouldBe listOf("pong")
        messages.close()
    }
})
