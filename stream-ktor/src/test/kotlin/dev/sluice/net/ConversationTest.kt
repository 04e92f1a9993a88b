package dev.sluice.net

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import kotlin.random.Random

/** What holds for connections of every kind alike. */
internal class ConversationTest :
    FunSpec({
        for (kind in SocketKind.values()) {
            test("$kind: lines come back one by one") {
                leavingNothing {
                    kind.serving(handler = { (reader, writer) -> reader.copyTo(writer) }) { server ->
                        val client = kind.connect(server)
                        repeat(100) {
                            client.writer.write("line $it\n")
                            client.reader.readLine() shouldBe "line $it"
                        }
                        client.close()
                        client.awaitClosed()
                    }
                }
            }

            test("$kind: megabytes come back unharmed while they are still being sent") {
                leavingNothing {
                    val bytes = Random(7).nextBytes(8 shl 20)
                    kind.serving(handler = { (reader, writer) -> reader.copyTo(writer) }) { server ->
                        val client = kind.connect(server)
                        coroutineScope {
                            launch(Dispatchers.Default) {
                                for (start in bytes.indices step 100_000) {
                                    client.writer.write(bytes, start, minOf(100_000, bytes.size - start))
                                    client.writer.drain()
                                }
                                client.writer.writeEof()
                            }
                            (client.reader.read() contentEquals bytes) shouldBe true
                        }
                        client.close()
                        client.awaitClosed()
                    }
                }
            }

            test("U-012 $kind: the end of one direction leaves the other open, for replies of any length") {
                leavingNothing {
                    kind.serving(handler = { (reader, writer) ->
                        val request = reader.read()
                        repeat(100) { writer.write(request) }
                    }) { server ->
                        val client = kind.connect(server)
                        client.writer.canWriteEof shouldBe true
                        client.writer.write("all of it")
                        client.writer.writeEof()
                        client.reader.read().decodeToString() shouldBe "all of it".repeat(100)
                        client.close()
                        client.awaitClosed()
                    }
                }
            }

            test("$kind: the server ends its direction first, and still reads") {
                leavingNothing {
                    kind.serving(handler = { (reader, writer) ->
                        writer.write("banner")
                        writer.writeEof()
                        reader.read().decodeToString() shouldBe "afterwards"
                    }) { server ->
                        val client = kind.connect(server)
                        client.reader.read().decodeToString() shouldBe "banner"
                        client.writer.write("afterwards")
                        client.writer.drain()
                        client.close()
                        client.awaitClosed()
                        eventually("the server is done with it") { server.connections == 0 }
                    }
                }
            }
        }
    })
