package dev.sluice.samples

import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.ServerSocket
import java.net.Socket

/** Without it socat gives up half a second after one direction has ended, though the other goes on. */
private const val PATIENT = "-t60"

internal class NetworkSamplesTest :
    FunSpec({
        testBoth("echo-server sends back what socat sends, also after the end of that", Tool.SOCAT) { language ->
            language.start("EchoServer", "0").use { server ->
                Tool.SOCAT.start(PATIENT, "-", "TCP:127.0.0.1:${server.port()}").use { socat ->
                    socat.say("one\ntwo")
                    socat.endInput()
                    socat.rest() shouldBe "one\ntwo"
                }
            }
        }

        testBoth("echo-client talks with CPython, line by line", Tool.PYTHON) { language ->
            Tool.peer("echo").use { peer ->
                language.start("EchoClient", "127.0.0.1", "${peer.port()}", "Hello World!", "grüße").use {
                    it.rest() shouldBe "send: Hello World!\nreceived: Hello World!\nsend: grüße\nreceived: grüße\n"
                }
                peer.rest() shouldBe ""
            }
        }

        testBoth("http-headers prints those of a server over http", Tool.PYTHON) { language ->
            Tool.peer("headers").use { peer ->
                language.start("HttpHeaders", "http://127.0.0.1:${peer.port()}/a%20b?c=d").use {
                    it.rest() shouldBe "HTTP/1.1 200 OK\nAsked-For: /a%20b?c=d at 127.0.0.1\nContent-Length: 0\n"
                }
            }
        }

        testBoth("http-headers prints those of a server over https", Tool.PYTHON, Tool.OPENSSL) { language ->
            val identity = Identity.make(tempdir().toPath())
            Tool.peer("headers", identity.certificate, identity.key).use { peer ->
                language.start("HttpHeaders", "https://localhost:${peer.port()}", identity.certificate).use {
                    it.rest() shouldBe "HTTP/1.1 200 OK\nAsked-For: / at localhost\nContent-Length: 0\n"
                }
            }
        }

        testBoth("wait-for-data hears what CPython sends a while later", Tool.PYTHON) { language ->
            Tool.peer("late").use { peer ->
                val port = peer.port()
                language.start("WaitForData", "127.0.0.1", "$port").use {
                    it.mustPrint("waiting for /127.0.0.1:$port")
                    peer.say("now\n")
                    it.rest() shouldBe "received 3 bytes: abc\n"
                }
            }
        }

        testBoth("tcp-proxy passes on the end of one direction, and the answer to it", Tool.PYTHON, Tool.SOCAT) { language ->
            Tool.peer("count").use { peer ->
                language.start("TcpProxy", "0", "127.0.0.1", "${peer.port()}").use { proxy ->
                    Tool.SOCAT.start(PATIENT, "-", "TCP:127.0.0.1:${proxy.port()}").use { socat ->
                        socat.say("x".repeat(1_000_000))
                        socat.endInput()
                        socat.rest() shouldBe "1000000\n"
                    }
                    proxy.mustPrint("1000000 bytes up, 8 bytes down")
                }
            }
        }

        testBoth("chat-server has everybody hear the others", Tool.SOCAT) { language ->
            language.start("ChatServer", "0").use { server ->
                val port = server.port()
                member(port, "ada").use { ada ->
                    ada.mustPrint("* ada is here")
                    member(port, "bob").use { bob ->
                        listOf(ada, bob).forEach { it.mustPrint("* bob is here") }
                        bob.say("hello\n")
                        listOf(ada, bob).forEach { it.mustPrint("bob: hello") }
                        bob.endInput()
                        ada.mustPrint("* bob has left")
                    }
                }
            }
        }

        testBoth("chat-server puts out who reads nothing, and holds nobody up for him", Tool.SOCAT) { language ->
            language.start("ChatServer", "0").use { server ->
                val port = server.port()
                member(port, "ada").use { ada ->
                    ada.mustPrint("* ada is here")
                    Socket().use { slow ->
                        slow.receiveBufferSize = 4096
                        slow.connect(InetSocketAddress("127.0.0.1", port))
                        slow.getOutputStream().write("slow\n".toByteArray())
                        ada.mustPrint("* slow is here")
                        // All that the system may hold for one, and more.
                        val text = "x".repeat(60_000)
                        var left = false
                        var said = 0
                        while (!left && said < 1_000) {
                            ada.say("$text\n")
                            said++
                            val heard = ada.line()
                            left = heard == "* slow has left"
                            if (left) ada.mustPrint("ada: $text") else heard shouldBe "ada: $text"
                        }
                        left shouldBe true
                    }
                }
            }
        }

        testBoth("redis-client talks with a Redis server", Tool.REDIS) { language ->
            withRedis(tempdir().path) { port ->
                suspend fun client(vararg command: String) =
                    language.start("RedisClient", "127.0.0.1", "$port", *command).use { it.rest() }
                client() shouldBe "OK\n42\n42\n"
                client("GET", "nothing") shouldBe "(nothing)\n"
                client("RPUSH", "list", "one", "grüße\r\n", "") shouldBe "3\n"
                client("LRANGE", "list", "0", "-1") shouldBe "[one, grüße\r\n, ]\n"
                client("INCR", "list") shouldBe "error: WRONGTYPE Operation against a key holding the wrong kind of value\n"
            }
        }

        testBoth("send-mail sends a mail after STARTTLS", Tool.PYTHON, Tool.OPENSSL) { language ->
            val identity = Identity.make(tempdir().toPath())
            Tool.peer("mail", identity.certificate, identity.key).use { peer ->
                val where = arrayOf("localhost", "${peer.port()}")
                language.start("SendMail", *where, "ada@example.org", "bob@example.org", identity.certificate).use { mail ->
                    mail.say("Subject: hello\n\n.a dot\n.\nthe end\n")
                    mail.endInput()
                    mail.rest() shouldBe "250 queued as 17\n"
                }
                peer.mustPrint("open EHLO localhost", "open STARTTLS", "secret EHLO localhost")
                peer.mustPrint("secret MAIL FROM:<ada@example.org>", "secret RCPT TO:<bob@example.org>", "secret DATA")
                peer.mustPrint("secret Subject: hello", "secret ", "secret ..a dot", "secret ..", "secret the end", "secret .")
                peer.rest() shouldBe "secret QUIT\n"
            }
        }

        testBoth("mutual-tls knows openssl by its certificate, and refuses others", Tool.OPENSSL) { language ->
            val folder = tempdir().toPath()
            val (service, client, stranger) = listOf("localhost", "ada", "stranger").map { Identity.make(folder, it) }
            language.start("MutualTls", "0", service.certificate, service.key, client.certificate).use { server ->
                val port = server.port()
                val whom = arrayOf("-servername", "localhost", "-CAfile", service.certificate, "-verify_return_error")

                suspend fun openssl(vararg identity: String) =
                    Tool.OPENSSL.start("s_client", "-connect", "localhost:$port", *whom, "-quiet", "-verify_quiet", *identity)
                openssl("-cert", client.certificate, "-key", client.key).use {
                    it.say("hello\n")
                    it.mustPrint("CN=ada says hello")
                }
                // It was killed, and said no farewell.
                server.mustPrint("lost: TlsTruncatedException")
                openssl().use { server.mustPrint("refused: SSLHandshakeException") }
                openssl("-cert", stranger.certificate, "-key", stranger.key).use {
                    server.mustPrint("refused: SSLHandshakeException")
                }
            }
        }

        testBoth("live-log shows curl a page, and lines as they come", Tool.CURL) { language ->
            val flag = tempdir().toPath().resolve("go-on")
            val command = "echo one; until [ -e '$flag' ]; do sleep 0.02; done; echo two"
            language.start("LiveLog", "0", "sh", "-c", command).use { log ->
                val url = "http://127.0.0.1:${log.port()}"
                Tool.CURL.start("-N", "$url/events").use { early ->
                    early.mustPrint("data: one", "")
                    flag.toFile().createNewFile()
                    early.mustPrint("data: two", "")
                }
                Tool.CURL.start("-N", "$url/events").use { it.mustPrint("data: one", "", "data: two", "") }
                Tool.CURL.start("$url/").use {
                    val page = it.rest()
                    page.lines().first() shouldBe "<!doctype html>"
                    page.lines().filter { line -> "EventSource" in line } shouldBe
                        listOf("new EventSource(\"/events\").onmessage = event => {")
                }
                Tool.CURL.start("-w", "%{http_code}", "$url/favicon.ico").use { it.rest() shouldBe "404" }
            }
        }

        testBoth("live-log fills the page of a browser, line by line", Tool.CHROMIUM) { language ->
            val flag = tempdir().toPath().resolve("go-on")
            val command = "echo one; until [ -e '$flag' ]; do sleep 0.02; done; echo '<two> grüße'"
            language.start("LiveLog", "0", "sh", "-c", command).use { log ->
                Browser.start(tempdir().toPath()).use { browser ->
                    browser.open("http://127.0.0.1:${log.port()}/")
                    browser.lines("log", 1) shouldBe "one"
                    flag.toFile().createNewFile()
                    browser.lines("log", 2) shouldBe "one|<two> grüße"
                }
            }
        }

        testBoth("live-log notices a viewer who leaves while there are no lines") { language ->
            language.start("LiveLog", "0", "sleep", "infinity").use { log ->
                Socket("127.0.0.1", log.port()).use { viewer ->
                    viewer.soTimeout = 60_000
                    viewer.getOutputStream().write("GET /events HTTP/1.1\r\n\r\n".toByteArray())
                    // As much of leaving as lets it see what the server does.
                    viewer.shutdownOutput()
                    val head = listOf("Content-Type: text/event-stream", "Cache-Control: no-store", "Connection: close")
                    viewer.getInputStream().readAllBytes().decodeToString() shouldBe
                        head.joinToString("") { "$it\r\n" }.let { "HTTP/1.1 200 OK\r\n$it\r\n" }
                }
            }
        }
    })

private suspend fun member(
    port: Int,
    name: String,
): Program = Tool.SOCAT.start(PATIENT, "-", "TCP:127.0.0.1:$port").also { it.say("$name\n") }

private suspend fun withRedis(
    folder: String,
    use: suspend (port: Int) -> Unit,
) {
    val port = ServerSocket(0, 1, InetAddress.getLoopbackAddress()).use { it.localPort }
    val where = arrayOf("--bind", "127.0.0.1", "--port", "$port", "--dir", folder)
    Tool.REDIS.start(*where, "--save", "", "--appendonly", "no").use { redis ->
        while ("Ready to accept connections" !in redis.line()) continue
        use(port)
    }
}
