package dev.sluice.net.interop

import dev.sluice.Connection
import dev.sluice.InfoKey
import dev.sluice.net.SocketKind
import dev.sluice.net.mustBe
import dev.sluice.net.pattern
import dev.sluice.tls.TlsOptions
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldNotContain
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import java.io.File
import java.nio.file.Files
import java.security.cert.X509Certificate
import javax.net.ssl.SSLException

private const val SIZE = 4 * 1024 * 1024

/** Our server, with openssl's s_client on the other side. */
internal class OpensslClientIT :
    FunSpec({
        val folder = tempdir()
        val files = TlsFiles(folder.toPath())

        for (kind in SocketKind.entries) {
            for (version in TlsVersion.entries) {
                val where = "s_client over $kind with $version"

                testWith(Tool.openssl, "4 MiB each way at the same time with $where", kind) {
                    val ours = pattern(SIZE, 10)
                    val theirs = pattern(SIZE, 11)
                    val received = File(folder, "received")
                    withOurServer(
                        kind,
                        version,
                        files,
                        files.asServer(),
                        handler = { connection ->
                            connection.info[InfoKey.TlsProtocol] shouldBe version.protocol
                            coroutineScope {
                                launch {
                                    connection.writer.write(ours)
                                    connection.writer.drain()
                                }
                                connection.reader.readExactly(SIZE) mustBe theirs
                            }
                        },
                    ) {
                        openssl("-quiet", output = received).use {
                            it.say(theirs)
                            it.mustSucceed()
                        }
                    }
                    Files.readAllBytes(received.toPath()) mustBe ours
                }
                testWith(Tool.openssl, "the end of a handler is a clean end to $where", kind) {
                    withOurServer(kind, version, files, files.asServer(), { it.greet() }) {
                        openssl().use { peer ->
                            val said = peer.rest()
                            said shouldContain "welcome"
                            // It says so when it has got close_notify, and only then.
                            said.lines() shouldContain "closed"
                            peer.mustSucceed()
                        }
                    }
                }
                testWith(Tool.openssl, "an abort is no clean end to $where", kind) {
                    val abort: suspend (Connection) -> Unit = { connection ->
                        connection.greet()
                        connection.reader.readLine() shouldBe "abort"
                        connection.abort()
                    }
                    withOurServer(kind, version, files, files.asServer(), abort) {
                        openssl().use { peer ->
                            peer.lineWith(WELCOME)
                            peer.say("abort\n")
                            peer.rest().lines() shouldNotContain "closed"
                            peer.exitCode() shouldNotBe 0
                        }
                    }
                }
                testWith(Tool.openssl, "the end of $where is the end of our input", kind) {
                    val untilEnd: suspend (Connection) -> Unit = { connection ->
                        connection.greet()
                        connection.reader.readLine() shouldBe "the last line"
                        connection.reader.readLine() shouldBe null
                    }
                    withOurServer(kind, version, files, files.asServer(), untilEnd) {
                        openssl().use { peer ->
                            peer.lineWith(WELCOME)
                            peer.say("the last line\n")
                            peer.endInput()
                            peer.mustSucceed()
                        }
                    }
                }
                testWith(Tool.openssl, "$where resumes a session that it has kept in a file", kind) {
                    val kept = File(folder, "session").also(File::delete).path
                    // The server's options are the ones that know of earlier sessions.
                    withOurServer(kind, version, files, files.asServer(), { it.greet() }) {
                        for ((option, state) in listOf("-sess_out" to "New", "-sess_in" to "Reused")) {
                            openssl(option, kept).use { peer ->
                                val said = peer.rest()
                                said shouldContain "welcome"
                                said shouldContain "$state, ${version.protocol}"
                                said.lines() shouldContain "closed"
                                peer.mustSucceed()
                            }
                        }
                    }
                }
                testWith(Tool.openssl, "our server sees the certificate of $where that it asks for", kind) {
                    for (auth in listOf(TlsOptions.ClientAuth.NEED, TlsOptions.ClientAuth.WANT)) {
                        val check: suspend (Connection) -> Unit = { connection ->
                            val shown = connection.info[InfoKey.PeerCertificates]!!.first() as X509Certificate
                            shown.subjectX500Principal.name shouldBe "CN=client"
                            connection.greet()
                        }
                        withOurServer(kind, version, files, files.asServer { clientAuth = auth }, check) {
                            openssl("-cert", "${files.client.chain}", "-key", "${files.client.key}").use { peer ->
                                peer.lineWith(WELCOME)
                                peer.mustSucceed()
                            }
                        }
                    }
                }
                testWith(Tool.openssl, "$where needs no certificate where one is only wanted", kind) {
                    val check: suspend (Connection) -> Unit = { connection ->
                        connection.info[InfoKey.PeerCertificates] shouldBe null
                        connection.greet()
                    }
                    withOurServer(kind, version, files, files.asServer { clientAuth = TlsOptions.ClientAuth.WANT }, check) {
                        openssl().use { peer ->
                            peer.lineWith(WELCOME)
                            peer.mustSucceed()
                        }
                    }
                }
                for ((whose, identity) in mapOf("no certificate" to null, "a stranger's certificate" to files.stranger)) {
                    testWith(Tool.openssl, "$where with $whose never gets to the handler where one is needed", kind) {
                        val none: suspend (Connection) -> Unit = { throw AssertionError("the handler has begun") }
                        val tls = files.asServer { clientAuth = TlsOptions.ClientAuth.NEED }
                        withOurServer(kind, version, files, tls, none) {
                            val shows = identity?.let { arrayOf("-cert", "${it.chain}", "-key", "${it.key}") }.orEmpty()
                            openssl(*shows).use { peer ->
                                failure().shouldBeInstanceOf<SSLException>().message shouldContain
                                    if (identity == null) "has not shown the certificate" else "is not trusted"
                                peer.exitCode() shouldNotBe 0
                                peer.said shouldContain "alert"
                            }
                        }
                    }
                }
                testWith(Tool.openssl, "ALPN with $where agrees on what our server likes best", kind) {
                    val tls = files.asServer { applicationProtocols = listOf("sluice", "http/1.1") }
                    val check: suspend (Connection) -> Unit = { connection ->
                        connection.info[InfoKey.ApplicationProtocol] shouldBe "sluice"
                        connection.greet()
                    }
                    withOurServer(kind, version, files, tls, check) {
                        openssl("-alpn", "h2,http/1.1,sluice").use { peer ->
                            peer.rest().lines() shouldContain "ALPN protocol: sluice"
                            peer.mustSucceed()
                        }
                    }
                }
                for ((which, identity) in mapOf("for another name" to files.elsewhere, "of a stranger" to files.stranger)) {
                    testWith(Tool.openssl, "$where refuses a certificate $which, and our server hears of it", kind) {
                        val none: suspend (Connection) -> Unit = { throw AssertionError("the handler has begun") }
                        withOurServer(kind, version, files, files.asServer(identity), none) {
                            openssl().use { peer ->
                                peer.exitCode() shouldNotBe 0
                                val failure = failure().shouldBeInstanceOf<SSLException>().message
                                failure shouldContain if (kind == SocketKind.UNIX) "with the peer failed" else "with 127.0.0.1:"
                                // In TLS 1.3 openssl says why before it encrypts, and the JDK expects it to do so already.
                                if (version ==
                                    TlsVersion.TLS_1_2
                                ) {
                                    failure shouldContain "does not accept the certificate of this side"
                                }
                            }
                        }
                    }
                }
                testWith(Tool.openssl, "$where upgrades by STARTTLS as in SMTP", kind) {
                    val smtp: suspend (Connection) -> Unit = { connection ->
                        val (reader, writer) = connection
                        writer.write("220 localhost ESMTP\r\n")
                        reader.readLine()!! shouldStartWith "EHLO "
                        writer.write("250-localhost\r\n250 STARTTLS\r\n")
                        reader.readLine() shouldBe "STARTTLS"
                        writer.write("220 go ahead\r\n")
                        connection.startTls(files.asServer())
                        connection.info[InfoKey.TlsProtocol] shouldBe version.protocol
                        connection.greet()
                        reader.readLine() shouldBe "secret"
                    }
                    withOurServer(kind, version, files, tls = null, smtp) {
                        openssl("-starttls", "smtp").use { peer ->
                            peer.lineWith(WELCOME)
                            peer.say("secret\n")
                            peer.rest().lines() shouldContain "closed"
                            peer.mustSucceed()
                        }
                    }
                }
            }

            testWith(Tool.openssl, "data goes on over $kind after new keys of s_client, and ours where it asks for them", kind) {
                val echo: suspend (Connection) -> Unit = { (reader, writer) ->
                    for (line in reader) {
                        writer.write(line)
                        writer.drain()
                    }
                }
                withOurServer(kind, TlsVersion.TLS_1_3, files, files.asServer(), echo) {
                    openssl("-msg").use { peer ->
                        var count = 0
                        for (command in listOf("k", "K", "k", "K")) {
                            peer.say("$command\n")
                            count++
                            peer.awaitSaid(Regex("(KEYUPDATE\\s+){$count}"))
                            peer.say("with new keys $count\n")
                            peer.lineWith(KEY_UPDATE_OUT)
                            if (command == "K") peer.lineWith(KEY_UPDATE_IN)
                            peer.lineWith(Regex("with new keys $count"))
                        }
                        peer.endInput()
                        peer.mustSucceed()
                    }
                }
            }
        }
    })

/** s_client writes what it receives past a buffer that holds the rest of what it says, so that may come in the middle of a line. */
private val WELCOME = Regex("welcome")

private suspend fun Connection.greet() {
    writer.write("welcome\n")
    writer.drain()
}
