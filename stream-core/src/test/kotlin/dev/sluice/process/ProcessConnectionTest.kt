package dev.sluice.process

import dev.sluice.Connection
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeSameInstanceAs

internal class ProcessConnectionTest :
    FunSpec({
        eachWay("stdout and stdin are one connection, which goes on where they were") { way ->
            way.sh("printf 'first\\nsecond\\n'; cat").use { process ->
                process.stdout.readLine() shouldBe "first"
                process.stdin.write("written before\n")
                val connection: Connection = process.asConnection()
                val (reader, writer) = connection
                writer.write("written after\n")
                reader.readLine() shouldBe "second"
                reader.readLine() shouldBe "written before"
                reader.readLine() shouldBe "written after"
                process.asConnection() shouldBeSameInstanceAs connection
                shouldThrow<IllegalStateException> { process.stdout.read() }
                connection.close()
                connection.awaitClosed()
                process.awaitExit() shouldBe 0
            }
        }

        eachWay("aborting the connection ends the process") { way ->
            way.start("sleep", "1000").use { process ->
                process.asConnection().abort()
                process.awaitExit() shouldBe 137
            }
        }

        test("an output that is no pipe is no connection") {
            startProcess("true", options = ProcessOptions { stdout = StreamType.DEVNULL }).use { process ->
                shouldThrow<IllegalStateException> { process.asConnection() }.message shouldContain "stdout"
            }
        }
    })
