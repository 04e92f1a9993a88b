package dev.sluice.samples.android

import dev.sluice.samples.Language
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldNotBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import org.codehaus.mojo.animal_sniffer.SignatureChecker
import org.codehaus.mojo.animal_sniffer.logging.Logger
import java.io.File
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.ServerSocket

internal class LineClientTest :
    FunSpec({
        test("line-client hears and says lines, and connects again when the server was away") {
            val loopback = InetAddress.getLoopbackAddress()
            val first = ServerSocket(0, 1, loopback)
            Language.KOTLIN.start("android.LineClient", "127.0.0.1", "${first.localPort}").use { client ->
                first.accept().use { connection ->
                    first.close()
                    connection.getOutputStream().write("one\n".toByteArray())
                    client.say("hello\n")
                    connection.getInputStream().bufferedReader().readLine() shouldBe "hello"
                    listOf(client.line(), client.line(), client.line()).sorted() shouldBe
                        listOf("connected", "not connected", "received: one")
                }
                client.mustPrint("not connected")
                // Whoever closes first keeps the port for a while, unless the next one doesn't mind.
                ServerSocket().use { second ->
                    second.reuseAddress = true
                    second.bind(InetSocketAddress(loopback, first.localPort))
                    second.accept().use { connection ->
                        client.mustPrint("connected")
                        connection.getOutputStream().write("two\n".toByteArray())
                        client.mustPrint("received: two")
                    }
                }
            }
        }

        test("line-client-in-java hears and says lines, connects again when the server was away, and ends") {
            App.inJava().use { it.runThrough() }
        }

        test("neither touches the network on the main thread, in all that it does") {
            NetworkUse.record().use { use ->
                App.inKotlin().use { it.runThrough() }
                App.inJava().use { it.runThrough() }
                val threads = use.threads()
                threads.filter(App::isMain).shouldBeEmpty()
                // What they do is recorded, of both.
                threads.filter { it.startsWith("DefaultDispatcher-worker") }.shouldNotBeEmpty()
                threads shouldContain "line-client"
            }
        }

        test("Android from API level 26 has all that they call") {
            missingOnAndroid("target/classes/dev/sluice/samples/android").shouldBeEmpty()
            // As a sample that calls what Android lacks shows, the check would notice.
            missingOnAndroid("target/classes/dev/sluice/samples/HttpHeaders.class") shouldNotBe emptyList<String>()
        }
    })

/** What the classes call that is neither in Android nor in a library of theirs. */
private fun missingOnAndroid(classes: String): List<String> {
    val missing = ArrayList<String>()
    val logger =
        object : Logger {
            override fun info(message: String) = Unit

            override fun info(
                message: String,
                cause: Throwable,
            ) = Unit

            override fun debug(message: String) = Unit

            override fun debug(
                message: String,
                cause: Throwable,
            ) = Unit

            override fun warn(message: String) = Unit

            override fun warn(
                message: String,
                cause: Throwable,
            ) = Unit

            override fun error(message: String) {
                missing += message
            }

            override fun error(
                message: String,
                cause: Throwable,
            ) {
                missing += message
            }
        }
    File(System.getProperty("android.signature")).inputStream().use { signature ->
        val libraries = setOf("dev.sluice.*", "kotlin.*", "kotlinx.*", "org.jetbrains.*")
        val checker = SignatureChecker(signature, libraries, logger)
        checker.setSourcePath(emptyList())
        checker.process(File(classes))
    }
    return missing
}
