@file:OptIn(ExperimentalCoroutinesApi::class)

package dev.sluice.testing

import dev.sluice.Connection
import dev.sluice.ConnectionResetException
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.async
import kotlinx.coroutines.test.currentTime
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import kotlin.time.Duration.Companion.seconds

internal class ScriptedConnectionTest : FunSpec({
    suspend fun greet(connection: Connection): String? {
        connection.writer.write("EHLO x\r\n")
        connection.writer.drain()
        return connection.reader.readLine()
    }

    test("a client that keeps to the script has its answers, and then the end") {
        runTest {
            val (reader, writer) =
                scriptedConnection {
                    expect("EHLO x\r\n")
                    reply("250 ok\r\n")
                    expect("QUIT\r\n")
                    reply("221 bye\r\n")
                }
            writer.write("EHLO ")
            writer.write("x\r\n")
            reader.readLine() shouldBe "250 ok"
            writer.write("QUIT\r\n")
            reader.readLine() shouldBe "221 bye"
            reader.readLine() shouldBe null
            writer.close()
            writer.awaitClosed()
        }
    }

    test("it may send ahead, and the script answers ahead") {
        runTest {
            scriptedConnection({
                reply("hello\n")
                expect("a")
                expect("b")
                reply("done\n")
                expectEof()
            }) { (reader, writer) ->
                writer.write("ab")
                writer.writeEof()
                reader.readLine() shouldBe "hello"
                reader.readLine() shouldBe "done"
            }
        }
    }

    test("a wrong byte fails the write, with what was expected and what came") {
        runTest {
            val connection = scriptedConnection { expect("EHLO x\r\n") }
            shouldThrow<AssertionError> { connection.writer.write("EHLO y\r\n") }.message shouldBe
                """step 1 of 1 expected "EHLO x\r\n", and from its byte 5 on that is not what came: "EHLO y\r\n" came"""
            val more = scriptedConnection { expect("a") }
            shouldThrow<AssertionError> { more.writer.write("ab\u0000") }.message shouldBe
                """the script was at its end, and "b\x00" came"""
            val atEnd = scriptedConnection { expectEof() }
            shouldThrow<AssertionError> { atEnd.writer.write("x") }.message shouldBe
                """step 1 of 1 expected the end of the output, and "x" came"""
        }
    }

    test("a script that is not at its end fails, and so does an answer that was not read") {
        runTest {
            shouldThrow<AssertionError> {
                scriptedConnection({
                    expect("EHLO x\r\n")
                    reply("250 ok\r\n")
                    expect("QUIT\r\n")
                }) { connection ->
                    greet(connection)
                    connection.writer.write("QU")
                }
            }.message shouldBe
                """the connection ended before the script did, which was step 3 of 3: expect("QUIT\r\n") "QU" came"""
            shouldThrow<AssertionError> { scriptedConnection({ reply("unread") }) { } }.message shouldBe
                "\"unread\" was sent by the script, and never read"
            shouldThrow<AssertionError> {
                scriptedConnection({ reply("250 ok\r\n250 surplus\r\n") }) { it.reader.readLine() }
            }.message shouldBe """"250 surplus\r\n" was sent by the script, and never read"""
            shouldThrow<AssertionError> { scriptedConnection({ expect("x") }) { it.close() } }
        }
    }

    test("the form without a block tells in awaitClosed, and as an uncaught exception") {
        shouldThrow<AssertionError> {
            runTest {
                val connection = scriptedConnection { reply("unread") }
                connection.close()
                shouldThrow<AssertionError> { connection.awaitClosed() }.message shouldBe
                    "\"unread\" was sent by the script, and never read"
            }
        }.message shouldBe "\"unread\" was sent by the script, and never read"
    }

    test("waits take virtual time, and failures come after what was sent before") {
        runTest {
            scriptedConnection({
                expect("EHLO x\r\n")
                wait(5.seconds)
                reply("250 ok\r\n")
                wait(2.seconds)
                fail(ConnectionResetException("the network is gone"))
            }) { connection ->
                greet(connection) shouldBe "250 ok"
                currentTime shouldBe 5_000
                shouldThrow<ConnectionResetException> { connection.reader.readLine() }.message shouldBe "the network is gone"
                currentTime shouldBe 7_000
                shouldThrow<ConnectionResetException> { connection.writer.write("x") }
            }
        }
    }

    test("the peer may end its output while it still listens") {
        runTest {
            scriptedConnection({
                reply("all")
                eof()
                expect("thanks")
            }) { (reader, writer) ->
                reader.read().decodeToString() shouldBe "all"
                writer.write("thanks")
            }
        }
    }

    test("a read waits for what the script says next, and closing ends it") {
        runTest {
            val connection = scriptedConnection { expect("x") }
            val reading = async { runCatching { connection.reader.readLine() } }
            runCurrent()
            reading.isActive shouldBe true
            connection.abort()
            reading.await().isFailure shouldBe true
        }
    }
})
