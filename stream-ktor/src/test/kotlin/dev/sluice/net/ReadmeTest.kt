@file:Suppress("ktlint:standard:multiline-expression-wrapping")

package dev.sluice.net

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.string.shouldContain
import java.io.File
import java.net.BindException
import java.net.InetAddress
import java.net.ServerSocket

private suspend fun example(port: Int) {
    // example
    val server = startServer("127.0.0.1", port) { (reader, writer) ->
        writer.write(reader.read(100))
        writer.drain()
    }

    val (reader, writer) = openConnection("127.0.0.1", port)
    writer.write("Hello World!")
    writer.drain()
    check(reader.read(100).decodeToString() == "Hello World!")
    check(reader.read(100).isEmpty())
    writer.close()

    server.close()
    // end
    server.awaitClosed()
}

internal class ReadmeTest :
    FunSpec({
        test("C-090 the example of sockets in the README runs as it stands there, but for its port") {
            leavingNothing { withFreePort(::example) }
            val source = File("src/test/kotlin/dev/sluice/net/ReadmeTest.kt").readText()
            val code = source.substringAfter("    // example\n").substringBefore("    // end\n").trimIndent()
            File("../README.md").readText() shouldContain "```kotlin\n${code.replace(", port)", ", 8888)")}\n```"
        }
    })

/** Somebody else may take a port that is free before [use] does. */
private suspend fun withFreePort(use: suspend (Int) -> Unit) {
    repeat(10) {
        try {
            return use(ServerSocket(0, 1, InetAddress.getByName("127.0.0.1")).use { it.localPort })
        } catch (_: BindException) {
            return@repeat
        }
    }
    throw AssertionError("no port is free for long enough")
}
