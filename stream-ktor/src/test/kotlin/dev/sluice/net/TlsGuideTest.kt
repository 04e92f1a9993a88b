@file:Suppress("ktlint:standard:multiline-expression-wrapping")

package dev.sluice.net

import dev.sluice.testing.tls.TestAuthority
import dev.sluice.tls.TlsOptions
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.shouldBe
import java.io.File
import java.net.InetSocketAddress

/** What docs/tls.md tells its readers to write. */
internal class TlsGuideTest :
    FunSpec({
        val folder = tempdir().toPath()
        val issuer = TestAuthority()
        val authority = issuer.write(folder.resolve("ca.crt"))
        val identity = issuer.issue("localhost")
        val certificate = identity.writeChain(folder.resolve("server.crt"))
        val key = identity.writeKey(folder.resolve("server.key"))

        test("TLS from the start") {
            leavingNothing {
                // example
                val options = ServerOptions { tls = TlsOptions { identity(certificate, key) } }
                val server = startServer("127.0.0.1", 0, options) { (reader, writer) ->
                    writer.write("hello " + reader.readLine() + "\n")
                    writer.drain()
                }
                // end
                val port = (server.addresses.first() as InetSocketAddress).port

                // example
                val (reader, writer) = openConnection("localhost", port, ConnectOptions { tls = TlsOptions { trust(authority) } })
                writer.write("world\n")
                check(reader.readLine() == "hello world")
                // end
                writer.close()
                writer.awaitClosed()
                server.close()
                server.awaitClosed()
            }
        }

        test("upgrading in place") {
            leavingNothing {
                var heard: String? = null
                val server = startServer("127.0.0.1", 0) { connection ->
                    connection.reader.readLine() shouldBe "STARTTLS"
                    connection.writer.write("220 go ahead\r\n")
                    connection.startTls(TlsOptions { identity(certificate, key) })
                    heard = connection.reader.readLine()
                }
                val connection = openConnection("localhost", (server.addresses.first() as InetSocketAddress).port)
                val (reader, writer) = connection
                // example
                writer.write("STARTTLS\r\n")
                check(reader.readLine()!!.startsWith("220"))
                connection.startTls(TlsOptions { trust(authority) })
                writer.write("now secret\r\n")
                // end
                reader.read().size shouldBe 0
                heard shouldBe "now secret"
                connection.close()
                connection.awaitClosed()
                server.close()
                server.awaitClosed()
            }
        }

        test("each example of the page stands in this file, and the other way round") {
            val blocks = Regex("```kotlin\n(.*?)```", RegexOption.DOT_MATCHES_ALL)
            val examples = Regex(" *// example\n(.*?)\n *// end\n", RegexOption.DOT_MATCHES_ALL)
            val shown = blocks.findAll(File("../docs/tls.md").readText()).map { it.groupValues[1].trim() }.toList()
            val source = File("src/test/kotlin/dev/sluice/net/TlsGuideTest.kt").readText()
            examples.findAll(source).map { it.groupValues[1].trimIndent().trim() }.toList() shouldContainExactlyInAnyOrder shown
        }
    })
