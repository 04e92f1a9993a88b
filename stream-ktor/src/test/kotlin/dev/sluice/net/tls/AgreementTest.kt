package dev.sluice.net.tls

import dev.sluice.InfoKey
import dev.sluice.StreamInfo
import dev.sluice.net.SocketKind
import dev.sluice.net.during
import dev.sluice.net.echo
import dev.sluice.net.leavingNothing
import dev.sluice.net.startServer
import dev.sluice.tls.TlsOptions
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.coroutines.CompletableDeferred
import javax.net.ssl.SSLHandshakeException

/** What two sides agree on, and what is told of it. */
internal class AgreementTest :
    FunSpec({
        /** What both sides say of a connection of such a server and client: the client's [StreamInfo] first. */
        suspend fun agreed(
            server: TlsOptions,
            client: TlsOptions,
            look: suspend (StreamInfo, StreamInfo) -> Unit,
        ) = leavingNothing {
            val there = CompletableDeferred<StreamInfo>()
            startServer("127.0.0.1", 0, secureServer(server)) {
                there.complete(it.info)
                echo(it)
            }.during { started ->
                val connection = secureClientOf(started, client)
                look(connection.info, there.await())
                connection.closeWhole()
            }
        }

        /** With what messages client and server fail. */
        suspend fun disagreed(
            server: TlsOptions,
            client: TlsOptions,
        ): Pair<String, String> {
            val there = CompletableDeferred<Throwable>()
            var here: SSLHandshakeException? = null
            startServer(
                "127.0.0.1",
                0,
                secureServer(server) {
                    onError = {
                        _,
                        e,
                        ->
                        there.complete(e)
                    }
                },
                ::echo,
            ).during { started ->
                here = shouldThrow<SSLHandshakeException> { secureClientOf(started, client) }
            }
            val thrown = there.await()
            (thrown is SSLHandshakeException) shouldBe true
            return here!!.message!! to thrown.message!!
        }

        fun speaking(vararg protocols: String): TlsOptions.Builder.() -> Unit = { applicationProtocols = protocols.asList() }

        test(
            "T-009 of the application protocols in common the one that the server prefers is agreed, and both sides can see it",
        ) {
            agreed(
                serverTls(configure = speaking("h2", "http/1.1")),
                clientTls(configure = speaking("http/1.1", "h2")),
            ) { here, there ->
                here[InfoKey.ApplicationProtocol] shouldBe "h2"
                there[InfoKey.ApplicationProtocol] shouldBe "h2"
            }
        }

        test("T-010 without an application protocol in common there is no connection") {
            val (client, server) = disagreed(serverTls(configure = speaking("h2")), clientTls(configure = speaking("http/1.1")))
            client shouldContain "no application protocol in common"
            server shouldContain "no application protocol in common"
        }

        test("T-010 where only one side names any, none is agreed") {
            agreed(serverTls(configure = speaking("h2")), clientTls()) { here, there ->
                here[InfoKey.ApplicationProtocol] shouldBe null
                there[InfoKey.ApplicationProtocol] shouldBe null
            }
            agreed(serverTls(), clientTls(configure = speaking("h2"))) { here, there ->
                here[InfoKey.ApplicationProtocol] shouldBe null
                there[InfoKey.ApplicationProtocol] shouldBe null
            }
        }

        test("T-012 without a version or a cipher suite in common both sides say so") {
            val (client, server) =
                disagreed(serverTls { protocols = listOf(TLS_1_3) }, clientTls { protocols = listOf(TLS_1_2) })
            client shouldContain "no version of TLS in common"
            server shouldContain "no version of TLS in common"
            val (there, here) =
                disagreed(
                    serverTls { cipherSuites = listOf("TLS_AES_256_GCM_SHA384") },
                    clientTls { cipherSuites = listOf("TLS_AES_128_GCM_SHA256") },
                )
            there shouldContain "no cipher suite in common"
            here shouldContain "no cipher suite in common"
        }

        for ((version, suite) in listOf(
            TLS_1_3 to "TLS_AES_128_GCM_SHA256",
            TLS_1_2 to "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
        )) {
            test("T-023 $version: info has the session and what was agreed in it, besides the addresses") {
                val client =
                    clientTls {
                        protocols = listOf(version)
                        cipherSuites = listOf(suite)
                    }
                agreed(serverTls(), client) { here, there ->
                    for (info in listOf(here, there)) {
                        info[InfoKey.TlsProtocol] shouldBe version
                        info[InfoKey.CipherSuite] shouldBe suite
                        info[InfoKey.TlsSession].shouldNotBeNull().cipherSuite shouldBe suite
                        info[InfoKey.Channel].shouldNotBeNull()
                    }
                    here[InfoKey.PeerCertificates] shouldBe localhost.chain
                    there[InfoKey.PeerCertificates] shouldBe null
                    here[InfoKey.PeerAddress] shouldBe there[InfoKey.LocalAddress]
                    here[InfoKey.PeerHost] shouldBe "localhost"
                }
            }
        }

        for (kind in SocketKind.entries) {
            test("T-024 all of it can be read after the end of a connection over $kind, however often it is closed") {
                kind.serving(secureServer(), ::echo) { server ->
                    val connection = kind.connect(server, secureClient(clientTls(configure = kind.named)))
                    val seen = connection.info.everything()
                    connection.closeWhole()
                    connection.close()
                    connection.abort()
                    connection.info.everything() shouldBe seen
                    seen.drop(2).forEach { it.shouldNotBeNull() }
                }
            }
        }
    })

private fun StreamInfo.everything(): List<Any?> =
    listOf(
        this[InfoKey.ApplicationProtocol],
        this[InfoKey.PeerHost],
        this[InfoKey.TlsProtocol],
        this[InfoKey.CipherSuite],
        this[InfoKey.TlsSession],
        this[InfoKey.PeerCertificates],
        this[InfoKey.PeerAddress],
        this[InfoKey.LocalAddress],
        this[InfoKey.Channel],
    )
