package dev.sluice.net.tls

import dev.sluice.Connection
import dev.sluice.InfoKey
import dev.sluice.net.ConnectOptions
import dev.sluice.net.SocketKind
import dev.sluice.net.connectedPair
import dev.sluice.net.echo
import dev.sluice.net.leavingNothing
import dev.sluice.net.mustBe
import dev.sluice.net.openUnixConnection
import dev.sluice.net.pattern
import dev.sluice.tls.TlsOptions
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.longs.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.withTimeoutOrNull
import java.nio.file.Files
import java.nio.file.Path
import kotlin.time.Duration.Companion.milliseconds

/** More than the system's buffers of both sides hold. */
private const val TOO_MUCH = 32L shl 20

/** Connections over TLS do what others do. */
internal class TlsSocketsTest :
    FunSpec({
        for (kind in SocketKind.entries) {
            for (version in listOf(TLS_1_3, TLS_1_2)) {
                fun client(): TlsOptions =
                    clientTls {
                        protocols = listOf(version)
                        kind.named(this)
                    }

                suspend fun connected(
                    handler: suspend (Connection) -> Unit,
                    use: suspend (Connection) -> Unit,
                ) = leavingNothing {
                    kind.serving(secureServer(), handler) { server ->
                        val connection = kind.connect(server, secureClient(client()))
                        use(connection)
                        connection.closeWhole()
                    }
                }

                test("T-064 $version over $kind: 8 MiB come back while they are sent, and then the end") {
                    val data = pattern(8 shl 20)
                    connected({ (reader, writer) ->
                        writer.write(reader.readExactly(4))
                        reader.copyTo(writer)
                    }) { (reader, writer) ->
                        coroutineScope {
                            val sending =
                                launch {
                                    writer.write(data)
                                    writer.drain()
                                    if (writer.canWriteEof) writer.writeEof()
                                }
                            reader.readExactly(data.size) mustBe data
                            sending.join()
                        }
                        if (version == TLS_1_3) reader.read().size shouldBe 0
                    }
                }

                test("T-065 $version over $kind: sendFile sends the file through TLS") {
                    val data = pattern(3 shl 20)
                    val file = Files.write(Files.createTempFile("sluice", ".data"), data)
                    try {
                        connected({ it.writer.sendFile(file, 100, -1) }) {
                            it.reader.read() mustBe
                                data.copyOfRange(100, data.size)
                        }
                    } finally {
                        Files.delete(file)
                    }
                }
            }

            test("T-063 over $kind a peer that floods is held back by a reader that nobody reads") {
                val written = CompletableDeferred<Long>()
                val flooding: suspend (Connection) -> Unit = { (_, writer) ->
                    var count = 0L
                    while (count < TOO_MUCH && withTimeoutOrNull(500.milliseconds) { writer.drain() } != null) {
                        writer.write(ByteArray(64 shl 10))
                        count += 64 shl 10
                    }
                    written.complete(count)
                }
                leavingNothing {
                    kind.serving(secureServer(), flooding) { server ->
                        val options =
                            secureClient(clientTls(configure = kind.named)) {
                                limit = 1024
                                if (kind == SocketKind.TCP) receiveBuffer = 64 shl 10
                            }
                        val connection = kind.connect(server, options)
                        connection.reader.readExactly(1)
                        written.await() shouldBeLessThan TOO_MUCH
                        connection.abort()
                    }
                }
            }
        }

        test("T-064 a Unix socket has no name to check: without serverHostname nothing is connected") {
            val failure = shouldThrow<IllegalArgumentException> { openUnixConnection(Path.of("/nowhere"), secureClient()) }
            failure.message shouldContain "serverHostname"
        }

        test("T-051 of a connectedPair one end has to be told to be the server") {
            leavingNothing {
                val (one, other) = connectedPair()
                coroutineScope {
                    val serving = async { other.startTls(serverTls { role = TlsOptions.Role.SERVER }) }
                    one.startTls(clientTls { serverHostname = "localhost" })
                    serving.await()
                }
                one.writer.write("hello\n")
                other.reader.readLine() shouldBe "hello"
                one.info[InfoKey.TlsProtocol] shouldBe TLS_1_3
                coroutineScope {
                    launch { one.closeWhole() }
                    other.closeWhole()
                }
            }
        }

        test("T-051 startTls is the client's where one has connected, and the server's in a handler") {
            for (kind in SocketKind.entries) {
                leavingNothing {
                    val handler: suspend (Connection) -> Unit = {
                        it.startTls(serverTls())
                        echo(it)
                    }
                    kind.serving(handler = handler) { server ->
                        val connection = kind.connect(server, ConnectOptions.Default)
                        connection.startTls(clientTls(configure = kind.named))
                        connection.writer.write("hello\n")
                        connection.reader.readLine() shouldBe "hello"
                        connection.closeWhole()
                    }
                }
            }
        }
    })
