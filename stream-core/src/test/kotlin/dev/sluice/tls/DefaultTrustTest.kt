package dev.sluice.tls

import dev.sluice.jvm
import dev.sluice.testing.memoryTransportPair
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import java.nio.file.Files
import java.security.KeyStore
import javax.net.ssl.SSLContext
import javax.net.ssl.SSLException

/** What a program has set up for the whole JVM can only be looked at in a JVM of its own. */
internal class DefaultTrustTest :
    FunSpec({
        fun said(program: String): String {
            val process = ProcessBuilder(jvm(program)).redirectError(ProcessBuilder.Redirect.INHERIT).start()
            return process.inputStream
                .bufferedReader()
                .readText()
                .also { process.waitFor() }
        }

        test("a wrong host is said with both names where nothing is set and the JVM's own trust decides") {
            said("dev.sluice.tls.TrustsByProperty") shouldBe
                "the TLS handshake with other.example failed: the certificate is for localhost, 127.0.0.1, and not for other.example\n"
        }

        test("what the program has made the JVM's default context is used") {
            said("dev.sluice.tls.TrustsByDefaultContext") shouldBe "it is trusted\n"
        }
    })

private fun printOutcome(host: String) {
    runBlocking {
        val (client, server) = memoryTransportPair()
        // What it says of a client that gives up is no matter here.
        val serving = launch { runCatching { server.withTls(serverTls()) } }
        try {
            client.withTls(
                TlsOptions {
                    serverHostname = host
                    role = TlsOptions.Role.CLIENT
                },
            )
            println("it is trusted")
        } catch (e: SSLException) {
            println(e.message)
        }
        serving.join()
    }
}

internal object TrustsByProperty {
    @JvmStatic
    fun main(args: Array<String>) {
        val file = Files.createTempFile("trust", ".p12")
        file.toFile().deleteOnExit()
        val store = KeyStore.getInstance("PKCS12").apply { load(null, null) }
        store.setCertificateEntry("root", authority.certificate)
        Files.newOutputStream(file).use { store.store(it, "secret".toCharArray()) }
        System.setProperty("javax.net.ssl.trustStore", "$file")
        System.setProperty("javax.net.ssl.trustStorePassword", "secret")
        printOutcome("other.example")
    }
}

internal object TrustsByDefaultContext {
    @JvmStatic
    fun main(args: Array<String>) {
        SSLContext.setDefault(clientContext)
        printOutcome("localhost")
    }
}
