package dev.sluice.net.tls

import dev.sluice.InfoKey
import dev.sluice.net.during
import dev.sluice.net.echo
import dev.sluice.net.port
import dev.sluice.net.startServer
import dev.sluice.process.startProcess
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.matchers.shouldBe

internal class TlsOverProcessTest :
    FunSpec({
        for (protocol in listOf(TLS_1_3, TLS_1_2)) {
            test(
                "$protocol over the pipes of a child that carries the bytes to a server",
            ).config(enabledOrReasonIf = { socat() }) {
                startServer("127.0.0.1", 0, secureServer(), ::echo).during { server ->
                    startProcess("socat", "-", "TCP:127.0.0.1:${server.port}").use { socat ->
                        val connection = socat.asConnection()
                        connection.startTls(
                            clientTls {
                                serverHostname = "localhost"
                                protocols = listOf(protocol)
                            },
                        )
                        connection.info[InfoKey.TlsProtocol] shouldBe protocol
                        val data = ByteArray(1_000_000) { (it * 7).toByte() }
                        connection.writer.write(data)
                        connection.reader.readExactly(data.size) shouldBe data
                        connection.closeWhole()
                        socat.awaitExit() shouldBe 0
                    }
                }
            }
        }
    })

private fun socat(): Enabled =
    if (System.getenv("PATH").split(':').any { java.io.File(it, "socat").canExecute() }) {
        Enabled.enabled
    } else {
        Enabled.disabled("there is no socat on this machine")
    }
