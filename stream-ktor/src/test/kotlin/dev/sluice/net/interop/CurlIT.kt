package dev.sluice.net.interop

import dev.sluice.InfoKey
import dev.sluice.net.ServerOptions
import dev.sluice.net.SocketKind
import dev.sluice.net.leavingNothing
import dev.sluice.net.mustBe
import dev.sluice.net.mustRead
import dev.sluice.net.pattern
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.atomic.AtomicInteger

private const val SIZE = 4 * 1024 * 1024

/** curl, as a client that knows more of HTTP than our sample server, which must not notice. */
internal class CurlIT :
    FunSpec({
        val files = TlsFiles(tempdir().toPath())

        for ((kind, version) in SocketKind.entries.flatMap { kind -> (listOf(null) + TlsVersion.entries).map { kind to it } }) {
            val where = if (version == null) "$kind" else "$kind with $version"

            testWith(Tool.curl, "curl gets headers and a file over $where", kind) {
                served(kind, version, files) { at ->
                    at.curl("-D", "head", "-o", "body", at.url("/file")) shouldBe ""
                    at.read("head") mustRead "HTTP/1.1 200 OK\r\nServer: sample\r\nContent-Length: $SIZE\r\n\r\n"
                    at.read("body") mustBe pattern(SIZE, 6)
                    at.accepted.get() shouldBe 1
                }
            }
            testWith(Tool.curl, "curl asks three times over one connection over $where", kind) {
                served(kind, version, files) { at ->
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
            testWith(Tool.curl, "curl posts 4 MiB over $where and gets them back", kind) {
                served(kind, version, files) { at ->
                    val data = pattern(SIZE, 7)
                    Files.write(at.folder.resolve("data"), data)
                    at.curl("--data-binary", "@data", "-w", "%{http_code}", "-o", "body", at.url("/echo")) shouldBe "200"
                    at.read("body") mustBe data
                }
            }
            testWith(Tool.curl, "curl sees the end of a connection over $where that it asked to be closed", kind) {
                served(kind, version, files) { at ->
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
    private val version: TlsVersion?,
    private val authority: Path,
    val folder: Path,
    val accepted: AtomicInteger,
) {
    private val host = if (kind == SocketKind.TCP) address.replace("127.0.0.1", "localhost") else "localhost"

    fun url(path: String) = (if (version != null) "https" else "http") + "://$host$path"

    /** What curl writes to its output. The options keep the user's own settings and proxies out. */
    suspend fun curl(vararg arguments: String): String {
        val socket = if (kind == SocketKind.TCP) emptyArray() else arrayOf("--unix-socket", address)
        val tls =
            when (version) {
                null -> emptyArray()
                TlsVersion.TLS_1_2 -> arrayOf("--cacert", "$authority", "--tlsv1.2", "--tls-max", "1.2")
                TlsVersion.TLS_1_3 -> arrayOf("--cacert", "$authority", "--tlsv1.3")
            }
        return Tool.curl
            .start("-q", "--noproxy", "*", "-sS", "--fail-early", *socket, *tls, *arguments, folder = folder.toFile())
            .use { curl -> curl.rest().also { curl.mustSucceed() } }
    }

    fun read(file: String): ByteArray = Files.readAllBytes(folder.resolve(file))
}

private suspend fun served(
    kind: SocketKind,
    version: TlsVersion?,
    files: TlsFiles,
    test: suspend (At) -> Unit,
) {
    val folder = Files.createTempDirectory("sluice-curl")
    try {
        val file = Files.write(folder.resolve("served"), pattern(SIZE, 6))
        val sample = SampleHttpServer(file)
        val accepted = AtomicInteger()
        leavingNothing {
            kind.withPlace { place ->
                val options = ServerOptions { tls = version?.let { files.asServer() } }
                val server =
                    kind.serve(place, options) {
                        accepted.incrementAndGet()
                        it.info[InfoKey.TlsProtocol] shouldBe version?.protocol
                        sample.serve(it)
                    }
                test(At(kind, kind.addressOf(server), version, files.authority, folder, accepted))
                server.close()
                server.awaitClosed()
            }
        }
    } finally {
        folder.toFile().deleteRecursively()
    }
}
