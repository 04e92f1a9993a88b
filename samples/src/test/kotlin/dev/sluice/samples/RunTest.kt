package dev.sluice.samples

import dev.sluice.process.PtySize
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldMatch
import io.kotest.matchers.string.shouldNotContain
import java.io.File

/** `samples/run`, as a user starts it. */
internal class RunTest :
    FunSpec({
        suspend fun run(vararg arguments: String) = Program(listOf("./run", *arguments))

        test("the demo shows TLS, a Unix socket and a sandbox, in Kotlin and Java, and ends by itself") {
            run("demo").use {
                it.rest() shouldMatch
                    Regex(
                        """
                        An echo server over TCP with TLS: a certificate made for this run, on port \d+
                            Kotlin hears: Hello from Kotlin, over TLSv1.3
                            Java hears: Hello from Java
                        The same server on a Unix socket: the handler is the same function, so are the clients
                            Kotlin hears: Hello from Kotlin, over \S+/socket
                            Java hears: Hello from Java
                        A command in a sandbox: a folder of its own, a clean environment, and its lines as they come
                            line 1
                            line 2
                            line 3
                            my home is /\S+
                            ended with 0

                        """.trimIndent(),
                    )
            }
        }

        test("without a name it lists each sample on a line, and each is there in the sources") {
            val listed = run().use { it.rest() }.lines().mapNotNull { Regex("^ {2}(\\S+) +\\S").find(it)?.groupValues?.get(1) }
            val catalogue = File("catalogue").readLines().filterNot { it.startsWith("#") }
            listed shouldBe catalogue.map { it.substringBefore(" |") }

            val named = listed.map { name -> name.split('-').joinToString("") { word -> word.replaceFirstChar(Char::uppercase) } }
            val sources = File("src/main").walk().filter { it.isFile }
            val programs = sources.filter { Regex(" (fun|void) main\\(").containsMatchIn(" " + it.readText().replace('\n', ' ')) }
            programs.map { it.nameWithoutExtension }.toSet() shouldBe named.toSet()
        }

        test("--help tells the arguments and the sources of a sample") {
            run("tcp-proxy", "--help").use {
                it.rest() shouldBe
                    """
                    tcp-proxy: passes everything on between its clients and another server
                    usage: samples/run tcp-proxy PORT HOST PORT
                    source: samples/src/main/java/dev/sluice/samples/TcpProxy.java
                    source: samples/src/main/kotlin/dev/sluice/samples/TcpProxy.kt

                    """.trimIndent()
            }
        }

        test("a wrong name is answered with the nearest one and status 2") {
            run("ecko-sever").use {
                it.rest(2) shouldBe "there is no sample ecko-sever; did you mean echo-server? samples/run lists them\n"
            }
        }

        test("too few arguments are answered with the help and status 2") {
            run("echo-client", "localhost").use { it.rest(2) shouldContain "usage: samples/run echo-client HOST PORT TEXT..." }
        }

        test("it runs a sample in Java, or in Kotlin where that is wished") {
            run("sandbox-logs", "echo", "hello").use { it.rest() shouldBe "out: hello\nended with 0\n" }
            run("--kotlin", "sandbox-logs", "echo", "hello").use { it.rest() shouldBe "out: hello\nended with 0\n" }
        }

        test("colours are for terminals, and not with NO_COLOR") {
            suspend fun listOnTerminal(vararg variables: Pair<String, String?>) =
                Program(listOf("./run")) {
                    pty = PtySize(80, 24)
                    env = mapOf(*variables)
                }.use { it.rest() }
            run().use { it.rest() } shouldNotContain "\u001b"
            listOnTerminal("NO_COLOR" to null) shouldContain "\u001b[1mdemo"
            listOnTerminal("NO_COLOR" to "1") shouldNotContain "\u001b"
        }
    })
