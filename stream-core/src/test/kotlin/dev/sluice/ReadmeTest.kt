package dev.sluice

import dev.sluice.testing.memoryStreamPair
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.string.shouldContain
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import java.io.File

private suspend fun example() =
    coroutineScope {
        // example
        val (client, server) = memoryStreamPair()

        launch {
            for (line in server.reader) {
                server.writer.write(line)
                server.writer.drain()
            }
            server.close()
        }

        client.writer.write("hello\n")
        client.writer.writeEof()
        check(client.reader.readLine() == "hello")
        check(client.reader.readLine() == null)
        // end
    }

internal class ReadmeTest : FunSpec({
    test("the example of the README runs as it stands there") {
        example()
        val source = File("src/test/kotlin/dev/sluice/ReadmeTest.kt").readText()
        val code = source.substringAfter("        // example\n").substringBefore("        // end\n").trimIndent()
        File("../README.md").readText() shouldContain "```kotlin\n$code\n```"
    }
})
