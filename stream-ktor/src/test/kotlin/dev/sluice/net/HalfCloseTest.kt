package dev.sluice.net

import dev.sluice.InfoKey
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.withContext

internal class HalfCloseTest :
    FunSpec({
        for (kind in SocketKind.entries) {
            test("C-100 the end of a $kind peer's output ends the input alone") {
                withLoop { loop ->
                    val (connection, peer) = kind.connectionAndPeer(loop)
                    val (reader, writer) = connection
                    peer.send("req".toByteArray())
                    peer.shutdownOutput()

                    reader.read() shouldBe "req".toByteArray()
                    reader.atEof shouldBe true
                    writer.isClosing shouldBe false
                    writer.write("resp")
                    writer.drain()
                    peer.receive(4) shouldBe "resp".toByteArray()

                    connection.close()
                    peer.receiveAll() shouldBe ByteArray(0)
                    peer.close()
                    connection.awaitClosed()
                }
            }

            test("C-101 a $kind connection whose directions have both ended stays until it is closed") {
                withLoop { loop ->
                    val (connection, peer) = kind.connectionAndPeer(loop)
                    coroutineScope {
                        peer.shutdownOutput()
                        connection.reader.read() shouldBe ByteArray(0)
                        connection.writer.writeEof()
                        peer.receiveAll() shouldBe ByteArray(0)

                        val closed = async(start = CoroutineStart.UNDISPATCHED) { connection.awaitClosed() }
                        closed.isCompleted shouldBe false
                        connection.info[InfoKey.Channel]!!.isOpen shouldBe true

                        connection.close()
                        closed.await()
                        connection.info[InfoKey.Channel]!!.isOpen shouldBe false
                    }
                    peer.close()
                }
            }

            test("C-102 writeEof over $kind comes after the 4 MiB that were not yet sent") {
                withLoop { loop ->
                    val (connection, peer) = kind.connectionAndPeer(loop)
                    val sent = pattern(4 shl 20)
                    connection.writer.write(sent)
                    connection.writer.writeEof()
                    withContext(Dispatchers.IO) { peer.receiveAll() } shouldBe sent
                    peer.close()
                    connection.close()
                    connection.awaitClosed()
                }
            }

            test("U-012, J-023 after writeEof over $kind an answer of 10 MB still arrives whole") {
                withLoop { loop ->
                    val (connection, peer) = kind.connectionAndPeer(loop)
                    val answer = pattern(10_000_000)
                    connection.writer.canWriteEof shouldBe true
                    connection.writer.write("question")
                    connection.writer.writeEof()
                    coroutineScope {
                        val answering =
                            async(Dispatchers.IO) {
                                peer.receiveAll() shouldBe "question".toByteArray()
                                peer.send(answer)
                                peer.close()
                            }
                        connection.reader.read() shouldBe answer
                        answering.await()
                    }
                    connection.close()
                    connection.awaitClosed()
                }
            }

            test("J-012 a write over $kind after writeEof is refused, and reading goes on") {
                withLoop { loop ->
                    val (connection, peer) = kind.connectionAndPeer(loop)
                    connection.writer.writeEof()
                    shouldThrow<IllegalStateException> { connection.writer.write("late") }
                    connection.writer.writeEof()
                    peer.send("more".toByteArray())
                    connection.reader.readExactly(4) shouldBe "more".toByteArray()
                    peer.close()
                    connection.close()
                    connection.awaitClosed()
                }
            }
        }
    })
