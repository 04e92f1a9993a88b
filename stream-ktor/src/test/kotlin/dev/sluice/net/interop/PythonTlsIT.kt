package dev.sluice.net.interop

import dev.sluice.Connection
import dev.sluice.InfoKey
import dev.sluice.net.SocketKind
import dev.sluice.net.mustBe
import dev.sluice.net.pattern
import dev.sluice.net.sha256
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch

private const val EXCHANGED = 8 * 1024 * 1024
private const val LINES = 200

/** As [PythonIT], over TLS, of which asyncio's has no half-close: one side leaves, and the other one must see that it did so on purpose. */
internal class PythonTlsIT :
    FunSpec({
        val files = TlsFiles(tempdir().toPath())

        for (kind in SocketKind.entries) {
            for (version in TlsVersion.entries) {
                val tls = TlsMeeting(files, version)
                val later = TlsMeeting(files, version, isFromStart = false)

                for (peer in Python.entries) {
                    val where = "$peer over $kind with $version"

                    testWith(Tool.python, "lines come back from $where", kind) {
                        meet(peer, kind, "echo_lines", "echoed $LINES lines", tls = tls) { connection, _ ->
                            connection.info[InfoKey.TlsProtocol] shouldBe version.protocol
                            connection.askLines()
                        }
                    }
                    testWith(Tool.python, "lines go back to $where, then its end is ours", kind) {
                        meet(peer, kind, "ask_and_leave", "$LINES lines came back", tls = tls) { connection, _ ->
                            connection.echoLines() shouldBe LINES
                        }
                    }
                    testWith(Tool.python, "8 MiB each way at the same time with $where, then its end is ours", kind) {
                        val ours = pattern(EXCHANGED, 2)
                        val theirs = pattern(EXCHANGED, 1)
                        meet(peer, kind, "exchange_and_leave", "sha256 ${ours.sha256()}", tls = tls) { (reader, writer), _ ->
                            coroutineScope {
                                launch {
                                    writer.write(ours)
                                    writer.drain()
                                }
                                reader.read() mustBe theirs
                            }
                        }
                    }
                    testWith(Tool.python, "$where gets all that we wrote before our close, then close_notify", kind) {
                        meet(
                            peer,
                            kind,
                            "watch_the_end",
                            "received b'all', then close_notify",
                            tls = tls,
                        ) { (reader, writer), _ ->
                            reader.readLine() shouldBe "watching"
                            writer.write("all")
                        }
                    }
                }
                testWith(Tool.python, "CPython's client over $kind upgrades to $version in place", kind) {
                    val told = "was told b'go ahead\\n', then $LINES lines came back"
                    meet(Python.CLIENT, kind, "ask_for_tls", told, tls = later) { connection, _ ->
                        connection.reader.readLine() shouldBe "STARTTLS"
                        connection.writer.write("go ahead\n")
                        connection.startTls(files.asServer())
                        connection.info[InfoKey.TlsProtocol] shouldBe version.protocol
                        connection.echoLines() shouldBe LINES
                    }
                }
                testWith(Tool.python, "our client upgrades to $version in place with CPython's server over $kind", kind) {
                    val asked = "was asked b'STARTTLS\\n', then echoed $LINES lines"
                    meet(Python.SERVER, kind, "offer_tls", asked, tls = later) { connection, _ ->
                        connection.writer.write("STARTTLS\n")
                        connection.reader.readLine() shouldBe "go ahead"
                        connection.startTls(files.asClient(kind))
                        connection.info[InfoKey.TlsProtocol] shouldBe version.protocol
                        connection.askLines()
                    }
                }
            }
        }
    })

private suspend fun Connection.askLines() {
    repeat(LINES) {
        writer.write("line $it: naïve\n")
        writer.drain()
        reader.readLine() shouldBe "line $it: naïve"
    }
}

private suspend fun Connection.echoLines(): Int {
    var count = 0
    for (line in reader) {
        writer.write(line)
        writer.drain()
        count++
    }
    return count
}
