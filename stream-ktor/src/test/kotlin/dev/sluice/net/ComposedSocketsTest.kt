package dev.sluice.net

import dev.sluice.LengthPrefixed
import dev.sluice.framed
import dev.sluice.relay
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import java.io.IOException
import kotlin.random.Random
import kotlin.time.Duration.Companion.microseconds

/** Relays and messages over real sockets, which take what they like. */
internal class ComposedSocketsTest : FunSpec({
    for (kind in SocketKind.entries) {
        test("$kind: a relay between writers of any limits passes everything on") {
            repeat(20) { seed ->
                withClue("seed $seed") {
                    val random = Random(seed)
                    val limits = List(2) { 1 + random.nextInt(if (random.nextBoolean()) 300 else 100_000) }
                    kind.serving(handler = ::echo) { echo ->
                        kind.serving(ServerOptions { writeLimit = limits[0] }, handler = { near ->
                            relay(near, kind.connect(echo, ConnectOptions { writeLimit = limits[1] }))
                        }) { server ->
                            val connection = kind.connect(server)
                            val data = pattern(random.nextInt(400_000))
                            coroutineScope {
                                launch {
                                    connection.writer.write(data)
                                    connection.writer.writeEof()
                                }
                                connection.reader.read() shouldBe data
                            }
                            connection.close()
                        }
                    }
                }
            }
        }

        test("$kind: a relay that is cancelled has passed on a beginning of what came") {
            repeat(30) { seed ->
                withClue("seed $seed") {
                    val received = CompletableDeferred<ByteArray>()
                    val collecting: suspend (dev.sluice.Connection) -> Unit = { (reader, _) ->
                        val seen = java.io.ByteArrayOutputStream()
                        try {
                            while (!reader.atEof) seen.write(reader.read(10_000))
                        } catch (_: IOException) {
                            // Of what was on its way a reset has dropped some.
                        }
                        received.complete(seen.toByteArray())
                    }
                    kind.serving(handler = collecting) { upstream ->
                        val relaying = CompletableDeferred<kotlinx.coroutines.Job>()
                        kind.serving(handler = { near ->
                            coroutineScope {
                                relaying.complete(launch { relay(near, kind.connect(upstream)) })
                            }
                        }) { server ->
                            val connection = kind.connect(server)
                            val data = pattern(2_000_000)
                            connection.writer.write(data)
                            val job = relaying.await()
                            delay(Random(seed).nextInt(2_000).microseconds)
                            job.cancelAndJoin()
                            val seen = received.await()
                            seen shouldBe data.copyOf(seen.size)
                            connection.abort()
                        }
                    }
                }
            }
        }

        test("$kind: messages that are received with cancellations in between come whole, and each once") {
            repeat(10) { seed ->
                withClue("seed $seed") {
                    val random = Random(seed)
                    val messages = List(40) { pattern(random.nextInt(if (random.nextInt(8) == 0) 300_000 else 300)) }
                    val codec = LengthPrefixed()
                    kind.serving(handler = { near ->
                        withContext(Dispatchers.Default) {
                            messages.map { message -> async { near.framed(codec).send(message) } }.awaitAll()
                        }
                    }) { server ->
                        val receiver = kind.connect(server).framed(codec)
                        val seen = ArrayList<List<Byte>>()
                        while (seen.size < messages.size) {
                            // On this thread alone: what has returned a message is not cancelled any more.
                            val receiving = async { receiver.receive() }
                            delay(random.nextInt(500).microseconds)
                            receiving.cancelAndJoin()
                            if (!receiving.isCancelled) seen += receiving.await()!!.toList()
                        }
                        receiver.receive() shouldBe null
                        seen.sortedBy { it.hashCode() } shouldBe messages.map { it.toList() }.sortedBy { it.hashCode() }
                        receiver.close()
                    }
                }
            }
        }
    }

    test("what is left of a copy whose writer takes little is the reader's still") {
        startServer("127.0.0.1", 0, handler = ::echo).during { server ->
            val from = openConnection("127.0.0.1", server.port)
            val to = openConnection("127.0.0.1", server.port, ConnectOptions { writeLimit = 10 })
            from.writer.write(pattern(100_000))
            from.writer.writeEof()
            val copying =
                coroutineScope {
                    val job = launch { from.reader.copyTo(to.writer) }
                    to.reader.readExactly(1)
                    job.cancelAndJoin()
                    job
                }
            copying.isActive shouldBe false
            to.writer.drain()
            to.writer.writeEof()
            to.reader.read() + from.reader.read() shouldBe pattern(100_000).copyOfRange(1, 100_000)
            from.close()
            to.close()
        }
    }
})
