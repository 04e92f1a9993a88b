package dev.sluice.net.interop

import dev.sluice.InfoKey
import dev.sluice.TlsTruncatedException
import dev.sluice.net.SocketKind
import dev.sluice.net.mustBe
import dev.sluice.net.pattern
import dev.sluice.tls.TlsOptions
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import java.io.ByteArrayOutputStream
import javax.net.ssl.SSLException

private const val SIZE = 4 * 1024 * 1024

/** Shorter than s_server's buffer, which is what it takes for a line. */
private const val LINE = 8191

private const val LF = '\n'.code.toByte()
private const val CR = '\r'.code.toByte()

/** Our client, with openssl's s_server on the other side. */
internal class OpensslServerIT :
    FunSpec({
        val files = TlsFiles(tempdir().toPath())

        for (kind in SocketKind.entries) {
            for (version in TlsVersion.entries) {
                val where = "s_server over $kind with $version"

                testWith(Tool.openssl, "4 MiB of lines come back reversed from $where, then the end", kind) {
                    val lines = lines(9)
                    withOpensslServer(kind, version, files.server, "-rev") { address, peer ->
                        val connection = kind.openByName(address, files.asClient(kind))
                        connection.info[InfoKey.TlsProtocol] shouldBe version.protocol
                        connection.use { (reader, writer) ->
                            coroutineScope {
                                launch {
                                    for (line in lines) {
                                        writer.write(line + LF)
                                        writer.drain()
                                    }
                                    // s_server takes that as a wish to hang up.
                                    writer.write("CLOSE\n")
                                }
                                reader.read() mustBe lines.joined { it.reversedArray() + LF }
                            }
                        }
                        connection.awaitClosed()
                        peer.mustSucceed()
                    }
                }
                testWith(Tool.openssl, "our close is a clean end to $where", kind) {
                    withOpensslServer(kind, version, files.server, "-msg") { address, peer ->
                        val connection = kind.openByName(address, files.asClient(kind))
                        connection.writer.write("the last line\n")
                        connection.close()
                        connection.awaitClosed()
                        val said = peer.rest()
                        said shouldContain "the last line"
                        said shouldContain Regex("<<< .*close_notify")
                        peer.mustSucceed()
                    }
                }
                testWith(Tool.openssl, "an end of $where without close_notify is no end of the data", kind) {
                    withOpensslServer(kind, version, files.server, "-rev") { address, peer ->
                        kind.openByName(address, files.asClient(kind)).use { (reader, writer) ->
                            writer.write("olleh\n")
                            reader.readLine() shouldBe "hello"
                            peer.kill()
                            shouldThrow<TlsTruncatedException> { reader.readLine() }.message shouldContain "close_notify"
                        }
                    }
                }
                testWith(Tool.openssl, "a second connection to $where resumes the session of the first", kind) {
                    withOpensslServer(kind, version, files.server, "-naccept", "2") { address, peer ->
                        val tls = files.asClient(kind)
                        for (greeting in listOf("greeting 1", "greeting 2")) {
                            val connection = kind.openByName(address, tls)
                            val (reader, writer) = connection
                            writer.write("$greeting\n")
                            val said = peer.linesUntil(Regex(greeting))
                            ("Reused session-id" in said) shouldBe (greeting == "greeting 2")
                            // With this the tickets have arrived, too.
                            peer.say("welcome\n")
                            reader.readLine() shouldBe "welcome"
                            connection.close()
                            connection.awaitClosed()
                        }
                        peer.mustSucceed()
                    }
                }
                testWith(Tool.openssl, "$where that wants a certificate gets ours", kind) {
                    val wants = arrayOf("-Verify", "1", "-verify_return_error", "-CAfile", "${files.authority}")
                    withOpensslServer(kind, version, files.server, "-rev", *wants) { address, peer ->
                        val tls = files.asClient(kind) { identity(files.client.chain, files.client.key) }
                        kind.openByName(address, tls).use { (reader, writer) ->
                            writer.write("olleh\n")
                            reader.readLine() shouldBe "hello"
                            peer.awaitSaid(Regex("Peer certificate: CN ?= ?client\n"))
                        }
                        peer.mustSucceed()
                    }
                }
                testWith(Tool.openssl, "$where that wants a certificate and gets none refuses us, and we hear why", kind) {
                    val wants = arrayOf("-Verify", "1", "-verify_return_error", "-CAfile", "${files.authority}")
                    withOpensslServer(kind, version, files.server, "-rev", *wants) { address, _ ->
                        refusal(kind, address, files.asClient(kind)).message shouldContain
                            if (version ==
                                TlsVersion.TLS_1_2
                            ) {
                                "the peer wants a certificate of this side"
                            } else {
                                "certificate_required"
                            }
                    }
                }
                testWith(Tool.openssl, "$where that gets the certificate of a stranger refuses us, and we hear why", kind) {
                    // Trusted in this way, the authority is not named to clients, which would keep ours from showing anything else.
                    val wants = arrayOf("-Verify", "1", "-verify_return_error", "-verifyCAfile", "${files.authority}")
                    withOpensslServer(kind, version, files.server, "-rev", *wants) { address, _ ->
                        val tls = files.asClient(kind) { identity(files.stranger.chain, files.stranger.key) }
                        refusal(kind, address, tls).message shouldContain "unknown_ca"
                    }
                }
                testWith(Tool.openssl, "ALPN with $where agrees on what both have", kind) {
                    withOpensslServer(kind, version, files.server, "-rev", "-alpn", "spdy/1,sluice") { address, peer ->
                        val tls = files.asClient(kind) { applicationProtocols = listOf("h2", "sluice") }
                        kind.openByName(address, tls).use { connection ->
                            connection.info[InfoKey.ApplicationProtocol] shouldBe "sluice"
                        }
                        peer.mustSucceed()
                    }
                }
                testWith(Tool.openssl, "ALPN with $where that has none of ours fails the handshake", kind) {
                    withOpensslServer(kind, version, files.server, "-rev", "-alpn", "spdy/1") { address, _ ->
                        val tls = files.asClient(kind) { applicationProtocols = listOf("h2", "sluice") }
                        shouldThrow<SSLException> { kind.openByName(address, tls) }.message shouldContain
                            "no application protocol in common"
                    }
                }
                testWith(Tool.openssl, "a certificate of $where for another name is refused, and s_server hears it", kind) {
                    withOpensslServer(kind, version, files.elsewhere, "-rev") { address, peer ->
                        val failure = shouldThrow<SSLException> { kind.openByName(address, files.asClient(kind)) }.message
                        failure shouldContain "the certificate is for elsewhere.test, and not for localhost"
                        if (kind == SocketKind.UNIX) failure shouldContain "with localhost ($address) failed"
                        peer.awaitSaid(Regex("alert certificate unknown"))
                    }
                }
                testWith(Tool.openssl, "a certificate of $where from a stranger is refused, and s_server hears it", kind) {
                    withOpensslServer(kind, version, files.stranger, "-rev") { address, peer ->
                        shouldThrow<SSLException> { kind.openByName(address, files.asClient(kind)) }.message shouldContain
                            "the peer's certificate is not trusted"
                        peer.awaitSaid(Regex("alert certificate unknown"))
                    }
                }
                testWith(Tool.openssl, "$where and a client that will not speak it do not come together", kind) {
                    withOpensslServer(kind, version, files.server, "-rev") { address, _ ->
                        val others = TlsVersion.entries.minus(version).map { it.protocol }
                        shouldThrow<SSLException> {
                            kind.openByName(address, files.asClient(kind) { protocols = others })
                        }.message shouldContain "no version of TLS in common"
                    }
                }
            }

            testWith(Tool.openssl, "after our writeEof in TLS 1.3 the answer of s_server over $kind still arrives", kind) {
                withOpensslServer(kind, TlsVersion.TLS_1_3, files.server, "-rev") { address, peer ->
                    kind.openByName(address, files.asClient(kind)).use { (reader, writer) ->
                        writer.canWriteEof shouldBe true
                        writer.write("olleh\n")
                        writer.writeEof()
                        reader.readLine() shouldBe "hello"
                        reader.readLine() shouldBe null
                    }
                    peer.mustSucceed()
                }
            }
            testWith(Tool.openssl, "data goes on over $kind after new keys of s_server, and ours where it asks for them", kind) {
                withOpensslServer(kind, TlsVersion.TLS_1_3, files.server, "-msg") { address, peer ->
                    kind.openByName(address, files.asClient(kind)).use { (reader, writer) ->
                        for (command in listOf("k", "K", "k", "K")) {
                            peer.say("$command\n")
                            peer.lineWith(KEY_UPDATE_OUT)
                            peer.say("with new keys\n")
                            reader.readLine() shouldBe "with new keys"
                            // The answer waits for no data that goes the same way.
                            if (command == "K") peer.lineWith(KEY_UPDATE_IN)
                            writer.write("and back\n")
                            peer.lineWith(Regex("and back"))
                        }
                    }
                    peer.mustSucceed()
                }
            }
        }
    })

/** In TLS 1.3 a client is through before the server has seen its certificate, and hears of it when it reads. */
private suspend fun refusal(
    kind: SocketKind,
    address: String,
    tls: TlsOptions,
): SSLException = shouldThrow { kind.openByName(address, tls).use { (reader, _) -> reader.readLine() } }

/** Lines of all bytes but those that end one. */
private fun lines(seed: Int): List<ByteArray> {
    val bytes = pattern(SIZE, seed)
    for (i in bytes.indices) if (bytes[i] == LF || bytes[i] == CR) bytes[i] = ' '.code.toByte()
    return (0 until SIZE step LINE).map { bytes.copyOfRange(it, minOf(it + LINE, SIZE)) }
}

private fun List<ByteArray>.joined(each: (ByteArray) -> ByteArray): ByteArray {
    val joined = ByteArrayOutputStream()
    forEach { joined.write(each(it)) }
    return joined.toByteArray()
}
