package dev.sluice.samples

import dev.sluice.Connection
import dev.sluice.InfoKey
import dev.sluice.async.AsyncStreams
import dev.sluice.net.ConnectOptions
import dev.sluice.net.ServerOptions
import dev.sluice.net.openConnection
import dev.sluice.net.openUnixConnection
import dev.sluice.net.startServer
import dev.sluice.net.startUnixServer
import dev.sluice.process.Sandbox
import dev.sluice.tls.TlsOptions
import kotlinx.coroutines.runBlocking
import java.net.InetSocketAddress
import java.nio.file.Files
import java.nio.file.Path
import java.security.KeyStore
import java.util.Base64
import kotlin.io.path.ExperimentalPathApi
import kotlin.io.path.deleteRecursively

/** Everything once: servers over TLS and on a Unix socket, clients in Kotlin and in Java, and a command in a sandbox. */
fun main(): Unit =
    runBlocking {
        val folder = Files.createTempDirectory("sluice-demo")
        try {
            overTls(folder)
            overUnixSocket(folder)
            inSandbox()
        } finally {
            @OptIn(ExperimentalPathApi::class)
            folder.deleteRecursively()
        }
    }

private suspend fun overTls(folder: Path) {
    val identity = makeIdentity(folder)
    val options = ServerOptions { tls = TlsOptions { keyStore(identity, PASSWORD) } }
    startServer("127.0.0.1", 0, options, ::echo).use { server ->
        val port = (server.addresses.first() as InetSocketAddress).port
        step("An echo server over TCP with TLS", "a certificate made for this run, on port $port")

        val connecting = ConnectOptions { tls = TlsOptions { trust(certificateOf(identity, folder)) } }
        val connection = openConnection("localhost", port, connecting)
        talk(connection, "over ${connection.info[InfoKey.TlsProtocol]}")
        DemoInJava.talk(AsyncStreams.openConnection("localhost", port, connecting))
    }
}

private suspend fun overUnixSocket(folder: Path) {
    val path = folder.resolve("socket")
    startUnixServer(path, handler = ::echo).use {
        step("The same server on a Unix socket", "the handler is the same function, so are the clients")

        talk(openUnixConnection(path), "over $path")
        DemoInJava.talk(AsyncStreams.openUnixConnection(path))
    }
}

private suspend fun echo(connection: Connection) {
    for (line in connection.reader) {
        connection.writer.write(line)
        connection.writer.drain()
    }
}

private suspend fun talk(
    connection: Connection,
    where: String,
) {
    connection.use { (reader, writer) ->
        writer.write("Hello from Kotlin, $where\n")
        writer.drain()
        result("Kotlin hears: ${reader.readLine()}")
    }
    connection.awaitClosed()
}

private suspend fun inSandbox() {
    step("A command in a sandbox", "a folder of its own, a clean environment, and its lines as they come")

    Sandbox.create("sh", "-c", "for i in 1 2 3; do echo line \$i; sleep 0.2; done; echo my home is \$HOME").use { sandbox ->
        sandbox.stdout.lines().collect { result(it) }
        result("ended with ${sandbox.awaitExit()}")
    }
}

private const val PASSWORD = "for this run"

/** A key and its certificate for `localhost`, by the JDK's own tool. */
private fun makeIdentity(folder: Path): Path {
    val file = folder.resolve("identity.p12")
    val keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString()
    val what = listOf("-genkeypair", "-alias", "demo", "-keyalg", "EC", "-dname", "CN=localhost", "-ext", "san=dns:localhost")
    val where = listOf("-storetype", "PKCS12", "-keystore", "$file", "-storepass", PASSWORD)
    val process = ProcessBuilder(listOf(keytool) + what + where).redirectErrorStream(true).start()
    val said = process.inputStream.bufferedReader().readText()
    check(process.waitFor() == 0) { "keytool made no certificate: $said" }
    return file
}

private fun certificateOf(
    identity: Path,
    folder: Path,
): Path {
    val certificate = KeyStore.getInstance(identity.toFile(), PASSWORD.toCharArray()).getCertificate("demo")
    val text = Base64.getMimeEncoder().encodeToString(certificate.encoded)
    return Files.writeString(folder.resolve("demo.crt"), "-----BEGIN CERTIFICATE-----\n$text\n-----END CERTIFICATE-----\n")
}

private val isColourful = System.getProperty("samples.colour") == "yes"

private fun step(
    title: String,
    shows: String,
) {
    println(if (isColourful) "\u001b[1;36m$title\u001b[0m: $shows" else "$title: $shows")
}

private fun result(text: String) {
    println("    $text")
}
