package dev.sluice.net.interop

import dev.sluice.net.SocketKind
import dev.sluice.net.leavingNothing
import dev.sluice.net.mustBe
import dev.sluice.net.pattern
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import java.nio.file.Files
import java.nio.file.Path

private const val SIZE = 4 * 1024 * 1024

/** Without it socat gives up half a second after one direction has ended, though the other goes on. */
private const val PATIENT = "-t60"

internal class SocatIT :
    FunSpec({
        for (kind in SocketKind.entries) {
            testWith(Tool.socat, "socat gets 4 MiB back from our server over $kind, after its half-close too", kind) {
                val data = pattern(SIZE, 3)
                withFiles(data) { input, output ->
                    kind.withPlace { place ->
                        val server = kind.serve(place) { (reader, writer) -> reader.copyTo(writer) }
                        Tool.socat
                            .start(
                                PATIENT,
                                "-",
                                kind.toConnect(kind.addressOf(server)),
                                input = input.toFile(),
                                output = output.toFile(),
                            ).use { it.mustSucceed() }
                        server.close()
                        server.awaitClosed()
                    }
                    Files.readAllBytes(output) mustBe data
                }
            }
            testWith(Tool.socat, "our client gets 4 MiB back from cat behind socat over $kind", kind) {
                val data = pattern(SIZE, 4)
                listening(kind, "EXEC:cat") { address ->
                    val connection = kind.open(address)
                    connection.use { (reader, writer) ->
                        coroutineScope {
                            launch {
                                writer.write(data)
                                writer.writeEof()
                            }
                            reader.read() mustBe data
                        }
                    }
                    connection.awaitClosed()
                }
            }
            testWith(
                Tool.socat,
                "wc behind socat over $kind counts when our output has ended, and we read what it counted",
                kind,
            ) {
                listening(kind, "EXEC:wc -c") { address ->
                    kind.open(address).use { (reader, writer) ->
                        writer.write(pattern(SIZE, 5))
                        writer.writeEof()
                        reader.readLine()?.trim() shouldBe "$SIZE"
                        reader.readLine() shouldBe null
                    }
                }
            }
        }
    })

private fun SocketKind.toConnect(address: String) = if (this == SocketKind.TCP) "TCP:$address" else "UNIX-CONNECT:$address"

private fun SocketKind.toListen(place: String) =
    if (this ==
        SocketKind.TCP
    ) {
        "TCP-LISTEN:0,bind=127.0.0.1"
    } else {
        "UNIX-LISTEN:$place"
    }

/** Has socat join the next client with what is at [other], and tells [use] the address; socat has to end well. */
private suspend fun listening(
    kind: SocketKind,
    other: String,
    use: suspend (address: String) -> Unit,
) {
    leavingNothing {
        kind.withPlace { place ->
            Tool.socat.start("-d", "-d", PATIENT, kind.toListen(place), other).use { socat ->
                val address = socat.awaitSaid(Regex("listening on AF=\\d+ \"?([^\"\\s]+)")).groupValues[1]
                use(address)
                socat.mustSucceed()
            }
        }
    }
}

private suspend fun withFiles(
    data: ByteArray,
    use: suspend (input: Path, output: Path) -> Unit,
) {
    val input = Files.createTempFile("sluice", ".in")
    val output = Files.createTempFile("sluice", ".out")
    try {
        Files.write(input, data)
        use(input, output)
    } finally {
        Files.delete(input)
        Files.delete(output)
    }
}
