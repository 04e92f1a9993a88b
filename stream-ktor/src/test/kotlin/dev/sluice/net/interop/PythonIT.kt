package dev.sluice.net.interop

import dev.sluice.CloseTimeoutException
import dev.sluice.Connection
import dev.sluice.ConnectionResetException
import dev.sluice.net.SocketKind
import dev.sluice.net.mustBe
import dev.sluice.net.mustRead
import dev.sluice.net.pattern
import dev.sluice.net.sha256
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlinx.coroutines.CoroutineStart.UNDISPATCHED
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import java.io.IOException
import kotlin.time.Duration.Companion.milliseconds

private const val EXCHANGED = 8 * 1024 * 1024
private const val LINES = 200

private fun line(number: Int) = "line $number: naïve \uD83D\uDC0D"

/** CPython's asyncio on the other side, once as the client of our server and once as the server of our client. */
internal class PythonIT :
    FunSpec({
        for (kind in SocketKind.entries) {
            for (peer in Python.entries) {
                val where = "$peer over $kind"

                testWith(Tool.python, "lines come back from $where", kind) {
                    meet(peer, kind, "echo_lines", "echoed $LINES lines") { (reader, writer), _ ->
                        repeat(LINES) {
                            writer.write(line(it) + "\n")
                            writer.drain()
                            reader.readLine() shouldBe line(it)
                        }
                        writer.writeEof()
                        reader.readLine() shouldBe null
                    }
                }
                testWith(Tool.python, "lines go back to $where", kind) {
                    meet(peer, kind, "ask_lines", "$LINES lines came back, then b''") { (reader, writer), _ ->
                        for (line in reader) {
                            writer.write(line)
                            writer.drain()
                        }
                    }
                }
                testWith(Tool.python, "lines that come byte by byte from $where are whole", kind) {
                    meet(peer, kind, "trickle", "sent, then b'end'") { (reader, writer), _ ->
                        repeat(20) { reader.readLine() shouldBe line(it) }
                        reader.readLine() shouldBe null
                        writer.write("end")
                    }
                }
                testWith(Tool.python, "8 MiB each way at the same time with $where", kind) {
                    val ours = pattern(EXCHANGED, 2)
                    val theirs = pattern(EXCHANGED, 1)
                    meet(peer, kind, "exchange", "$EXCHANGED bytes, sha256 ${ours.sha256()}") { (reader, writer), _ ->
                        coroutineScope {
                            launch {
                                writer.write(ours)
                                writer.writeEof()
                                writer.drain()
                            }
                            reader.read() mustBe theirs
                        }
                    }
                }
                testWith(Tool.python, "after our writeEof the answer of $where still arrives", kind) {
                    meet(peer, kind, "answer_at_end", "was asked b'a question'") { (reader, writer), _ ->
                        writer.canWriteEof shouldBe true
                        writer.write("a question")
                        writer.writeEof()
                        reader.read() mustRead "the answer to a question"
                    }
                }
                testWith(Tool.python, "after the write_eof of $where our answer still arrives", kind) {
                    meet(peer, kind, "ask_and_end", "was told b'our answer'") { (reader, writer), _ ->
                        reader.read() mustRead "a question"
                        writer.isClosing shouldBe false
                        writer.write("our answer")
                    }
                }
                testWith(Tool.python, "a reset by $where fails our writing and our reading", kind) {
                    meet(peer, kind, "reset", "has reset") { connection, _ ->
                        connection.writer.write("go on\n")
                        val failure = shouldThrow<ConnectionResetException> { connection.writeForEver() }
                        failure.message shouldContain "was lost"
                        shouldThrow<ConnectionResetException> { connection.writer.write("more") }
                        shouldThrow<ConnectionResetException> { connection.awaitClosed() }
                    }
                }
                testWith(Tool.python, "a drain waits for $where that never reads, and closeTimeout ends it", kind) {
                    // The end of a Unix socket is an ordinary one, and what was sent comes before it.
                    val seen = if (kind == SocketKind.TCP) "saw a reset" else "saw the end"
                    meet(peer, kind, "never_read", seen, closeTimeout = 300.milliseconds) { connection, python ->
                        coroutineScope {
                            // More than the system's buffers of both sides have room for.
                            connection.writer.write(ByteArray(15 * 1024 * 1024))
                            val drain = async(start = UNDISPATCHED) { runCatching { connection.writer.drain() } }
                            drain.isCompleted shouldBe false
                            connection.close()
                            shouldThrow<CloseTimeoutException> { connection.awaitClosed() }.message shouldContain "300ms"
                            drain.await().exceptionOrNull().shouldBeInstanceOf<IOException>()
                            python.goOn()
                        }
                    }
                }
            }
        }
        for (peer in Python.entries) {
            testWith(Tool.python, "a reset by $peer over TCP fails our reading, with the address", SocketKind.TCP) {
                meet(peer, SocketKind.TCP, "reset", "has reset") { connection, _ ->
                    connection.writer.write("go on\n")
                    shouldThrow<ConnectionResetException> { connection.reader.read() }.message shouldContain "127.0.0.1:"
                    shouldThrow<ConnectionResetException> { connection.writer.drain() }
                }
            }
            testWith(Tool.python, "a reset by $peer over Unix sockets is an ordinary end of our reading", SocketKind.UNIX) {
                meet(peer, SocketKind.UNIX, "reset", "has reset") { connection, _ ->
                    connection.writer.write("go on\n")
                    connection.reader.read().toList() shouldHaveSize 0
                }
            }
        }
    })

private suspend fun Connection.writeForEver() {
    val data = ByteArray(1024 * 1024)
    while (true) {
        writer.write(data)
        writer.drain()
    }
}
