package dev.sluice.net.interop

import dev.sluice.net.SocketKind
import dev.sluice.net.leavingNothing
import dev.sluice.net.mustBe
import dev.sluice.net.mustRead
import dev.sluice.net.pattern
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.atomic.AtomicInteger

private const val SIZE = 4 * 1024 * 1024

/** curl, as a client that knows more of HTTP than our sample server, which must not notice. */
internal class CurlIT :
    FunSpec({
        for (kind in SocketKind.entries) {
            testWith(Tool.curl, "curl gets headers and a file over $kind", kind) {
                served(kind) { at ->
                    at.curl("-D", "head", "-o", "body", at.url("/file")) shouldBe ""
                    at.read("head") mustRead "HTTP/1.1 200 OK\r\nServer: sample\r\nContent-Length: $SIZE\r\n\r\n"
                    at.read("body") mustBe pattern(SIZE, 6)
                    at.accepted.get() shouldBe 1
                }
            }
            testWith(Tool.curl, "curl asks three times over one connection over $kind", kind) {
                served(kind) { at ->
                    val connects = "%{http_code} %{num_connects}\\n"
                    at.curl(
                        "-w",
                        connects,
                        "-o",
                        "1",
                        at.url("/file"),
                        "-o",
                        "2",
                        at.url("/nothing"),
                        "-o",
                        "3",
                        at.url("/file"),
                    ) shouldBe
                        "200 1\n404 0\n200 0\n"
                    at.read("1") mustBe pattern(SIZE, 6)
                    at.read("3") mustBe pattern(SIZE, 6)
                    at.accepted.get() shouldBe 1
                }
            }
            testWith(Tool.curl, "curl posts 4 MiB over $kind and gets them back", kind) {
                served(kind) { at ->
                    val data = pattern(SIZE, 7)
                    Files.write(at.folder.resolve("data"), data)
                    at.curl("--data-binary", "@data", "-w", "%{http_code}", "-o", "body", at.url("/echo")) shouldBe "200"
                    at.read("body") mustBe data
                }
            }
            testWith(Tool.curl, "curl sees the end of a connection over $kind that it asked to be closed", kind) {
                served(kind) { at ->
                    at.curl("--http1.0", "-w", "%{http_code}", "-o", "body", at.url("/file")) shouldBe "200"
                    at.read("body") mustBe pattern(SIZE, 6)
                }
            }
        }
    })

/** Where curl finds the sample server, and a folder for what it writes. */
private class At(
    private val kind: SocketKind,
    private val address: String,
    val folder: Path,
    val accepted: AtomicInteger,
) {
    fun url(path: String) = if (kind == SocketKind.TCP) "http://$address$path" else "http://localhost$path"

    /** What curl writes to its output. The options keep the user's own settings and proxies out. */
    suspend fun curl(vararg arguments: String): String {
        val socket = if (kind == SocketKind.TCP) emptyArray() else arrayOf("--unix-socket", address)
        return Tool.curl
            .start("-q", "--noproxy", "*", "-sS", "--fail-early", *socket, *arguments, folder = folder.toFile())
            .use { curl -> curl.rest().also { curl.mustSucceed() } }
    }

    fun read(file: String): ByteArray = Files.readAllBytes(folder.resolve(file))
}

private suspend fun served(
    kind: SocketKind,
    test: suspend (At) -> Unit,
) {
    val folder = Files.createTempDirectory("sluice-curl")
    try {
        val file = Files.write(folder.resolve("served"), pattern(SIZE, 6))
        val sample = SampleHttpServer(file)
        val accepted = AtomicInteger()
        leavingNothing {
            kind.withPlace { place ->
                val server =
                    kind.serve(place) {
                        accepted.incrementAndGet()
                        sample.serve(it)
                    }
                test(At(kind, kind.addressOf(server), folder, accepted))
                server.close()
                server.awaitClosed()
            }
        }
    } finally {
        folder.toFile().deleteRecursively()
    }
}
