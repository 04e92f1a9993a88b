package dev.sluice.tls

import dev.sluice.ConnectionResetException
import dev.sluice.TlsTruncatedException
import dev.sluice.andThoroughly
import dev.sluice.testing.Chunking
import dev.sluice.testing.checkTwoWayStream
import dev.sluice.testing.memoryTransportPair
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import kotlin.time.Duration.Companion.milliseconds

internal class ConscryptClosingTest : FunSpec({
    for (meeting in Meeting.entries) {
        for (version in versions) {
            for (isClient in listOf(true, false)) {
                val side = if (isClient) "client" else "server"

                test(
                    "$meeting, $version: T-033, T-037 a close by the $side delivers everything, and awaits the peer's close_notify",
                ) {
                    val (one, another) = meeting.connections(version).let { (a, b) -> if (isClient) a to b else b to a }
                    val (fromConscrypt, toConscrypt) =
                        meeting.run {
                            if (isClient) {
                                clientIsConscrypt to serverIsConscrypt
                            } else {
                                serverIsConscrypt to
                                    clientIsConscrypt
                            }
                        }
                    val much = ByteArray(meeting.much(version, fromConscrypt, toConscrypt)) { (it * 31).toByte() }
                    coroutineScope {
                        one.writer.write(much)
                        one.close()
                        val closed = launch(start = CoroutineStart.UNDISPATCHED) { one.awaitClosed() }
                        another.reader.read() shouldBe much
                        another.reader.atEof shouldBe true
                        closed.isActive shouldBe true
                        another.close()
                        closed.join()
                        another.awaitClosed()
                    }
                }

                test("$meeting, $version: T-030 an end of the $side without close_notify is no end of the stream") {
                    val below = memoryTransportPair()
                    val (one, another) = meeting.connections(version, below).let { (a, b) -> if (isClient) a to b else b to a }
                    one.writer.write("half of it")
                    (if (isClient) below.first else below.second).close()
                    another.reader.readExactly(10).decodeToString() shouldBe "half of it"
                    repeat(2) { shouldThrow<TlsTruncatedException> { another.reader.read() } }
                }
            }
        }

        for (isClient in listOf(true, false)) {
            val side = if (isClient) "client" else "server"
            val peerIsConscrypt = if (isClient) meeting.serverIsConscrypt else meeting.clientIsConscrypt

            test(
                "$meeting, TLS 1.3: T-032 after the $side's writeEof its peer " +
                    if (peerIsConscrypt) "has ended, too" else "goes on",
            ) {
                val (one, another) = meeting.connections(TLS_1_3).let { (a, b) -> if (isClient) a to b else b to a }
                one.writer.write("last words")
                one.writer.writeEof()
                another.reader.read().decodeToString() shouldBe "last words"
                if (peerIsConscrypt) {
                    shouldThrow<ConnectionResetException> {
                        another.writer.write("lost")
                        another.writer.drain()
                    }.message shouldContain "has ended the TLS session"
                } else {
                    val much = ByteArray(1 shl 20) { it.toByte() }
                    coroutineScope {
                        launch {
                            another.writer.write(much)
                            another.writer.drain()
                            another.close()
                        }
                        one.reader.read() shouldBe much
                    }
                    one.close()
                    one.awaitClosed()
                    another.awaitClosed()
                }
            }

            if (!peerIsConscrypt) {
                test("$meeting, TLS 1.3: T-030 after the $side's writeEof a cut is still told from an end") {
                    val below = memoryTransportPair()
                    val (one, another) = meeting.connections(TLS_1_3, below).let { (a, b) -> if (isClient) a to b else b to a }
                    one.writer.writeEof()
                    another.writer.write("half of it")
                    (if (isClient) below.second else below.first).close()
                    one.reader.readExactly(10).decodeToString() shouldBe "half of it"
                    shouldThrow<TlsTruncatedException> { one.reader.read(1) }
                }
            }
        }

        for (version in versions) {
            for (chunking in listOf(Chunking.AsItComes).andThoroughly(Chunking.OneByte)) {
                test("$meeting, $version over memory, $chunking, is a stream") {
                    checkTwoWayStream {
                        memoryTransportPair(chunking = chunking).withTls(
                            meeting.client(version) { shutdownTimeout = 10.milliseconds },
                            meeting.server(version) { shutdownTimeout = 10.milliseconds },
                        )
                    }
                }
            }
        }
    }
})
