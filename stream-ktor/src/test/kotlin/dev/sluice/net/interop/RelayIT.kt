package dev.sluice.net.interop

import dev.sluice.net.ChildJvm
import dev.sluice.net.pattern
import dev.sluice.net.plainClient
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.io.InputStream
import java.io.OutputStream
import java.net.InetAddress
import java.net.ServerSocket
import java.net.Socket
import java.util.Arrays
import kotlin.concurrent.thread

private const val GIBIBYTE = 1L shl 30
private const val REQUEST_END = "\r\n\r\n"

/** A relay in a JVM with a heap of 64 MiB, between peers that nobody here wrote, or that share no code with it. */
internal class RelayIT : FunSpec({
    testWith(Tool.curl, "curl has a GiB through a relay, byte for byte, that ends with the half-close of its server") {
        relayed({ socket ->
            val request = socket.getInputStream().readRequest()
            socket.getOutputStream().write("HTTP/1.0 200 OK$REQUEST_END".toByteArray())
            socket.getOutputStream().writeLarge()
            socket.shutdownOutput()
            // curl goes when it has seen the end.
            check(socket.getInputStream().read() == -1)
            request
        }) { port, relay, request ->
            val curl = ProcessBuilder(Tool.curl.command + listOf("-sS", "--noproxy", "*", "http://127.0.0.1:$port/large")).start()
            curl.inputStream.mustBeLarge()
            curl.waitFor() shouldBe 0
            request().startsWith("GET /large HTTP/1.1\r\n") shouldBe true
            relay.output.readLine() shouldBe "${request().length} null ${GIBIBYTE + 19} null"
        }
    }

    test("a GiB goes up, is answered after its end, and comes back") {
        relayed({ socket ->
            socket.getInputStream().mustBeLarge()
            socket.getOutputStream().write("all of it".toByteArray())
            socket.getOutputStream().writeLarge()
            ""
        }) { port, relay, _ ->
            plainClient(port).use { client ->
                val writing =
                    thread {
                        client.getOutputStream().writeLarge()
                        client.shutdownOutput()
                    }
                client.getInputStream().readNBytes(9).decodeToString() shouldBe "all of it"
                client.getInputStream().mustBeLarge()
                writing.join()
            }
            relay.output.readLine() shouldBe "$GIBIBYTE null ${GIBIBYTE + 9} null"
        }
    }
})

/** Has [serve] serve one connection behind a relay, and [use] that; whatever [serve] returns it can ask for. */
private fun relayed(
    serve: (Socket) -> String,
    use: (Int, ChildJvm, () -> String) -> Unit,
) {
    ServerSocket(0, 1, InetAddress.getLoopbackAddress()).use { server ->
        var result = Result.failure<String>(IllegalStateException("nobody was served"))
        val serving = thread { result = runCatching { server.accept().use(serve) } }
        ChildJvm("dev.sluice.net.interop.RelayProgramKt", arguments = listOf("${server.localPort}")).use { relay ->
            use(relay.output.readLine().toInt(), relay) {
                serving.join()
                result.getOrThrow()
            }
            serving.join()
            result.getOrThrow()
        }
    }
}

private fun InputStream.readRequest(): String {
    val request = StringBuilder()
    while (!request.endsWith(REQUEST_END)) request.append(read().also { check(it >= 0) }.toChar())
    return request.toString()
}

private val block = pattern(1 shl 20, 9)

private fun OutputStream.writeLarge() {
    for (number in 0 until GIBIBYTE / block.size) write(numbered(number))
}

private fun InputStream.mustBeLarge() {
    for (number in 0 until GIBIBYTE / block.size) {
        val difference = Arrays.mismatch(readNBytes(block.size), numbered(number))
        check(difference < 0) { "MiB $number differs from byte $difference on" }
    }
    check(read() == -1) { "there is more than a GiB" }
}

/** No block can take the place of another. */
private fun numbered(number: Long): ByteArray =
    block.copyOf().also {
        it[0] = number.toByte()
        it[1] = (number shr 8).toByte()
    }
