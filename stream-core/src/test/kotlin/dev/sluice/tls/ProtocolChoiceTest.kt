package dev.sluice.tls

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import javax.net.ssl.SNIHostName

internal class ProtocolChoiceTest : FunSpec({
    val old = arrayOf("SSLv3", "TLSv1", "TLSv1.1", TLS_1_2)

    test("a platform without TLS 1.3 speaks 1.2 where nothing else is asked for") {
        TlsOptions.Default.protocolsOf(old).toList() shouldBe listOf(TLS_1_2)
        TlsOptions.Default.protocolsOf(old + TLS_1_3).toList() shouldBe listOf(TLS_1_3, TLS_1_2)
        clientTls().newEngine(true, "localhost", 443).enabledProtocols.toList() shouldBe listOf(TLS_1_3, TLS_1_2)
    }

    test("a version that was asked for and is not there is refused, with those that are") {
        val message = "protocols: [TLSv1.3] is not supported here; what is: SSLv3, TLSv1, TLSv1.1, TLSv1.2"
        shouldThrow<IllegalArgumentException> { TlsOptions { protocols = listOf(TLS_1_3) }.protocolsOf(old) }.message shouldBe
            message
    }

    test("a platform with neither TLS 1.3 nor 1.2 is not spoken to in an older version") {
        val message = "protocols: [TLSv1.3, TLSv1.2] is not supported here; what is: TLSv1.1"
        shouldThrow<IllegalArgumentException> { TlsOptions.Default.protocolsOf(arrayOf("TLSv1.1")) }.message shouldBe message
    }

    test("the dot that ends a full name is not part of what the certificate says and the server is asked for") {
        val engine = TlsOptions.Default.newEngine(true, "example.org.", 443)
        engine.peerHost shouldBe "example.org"
        engine.sslParameters.serverNames shouldBe listOf(SNIHostName("example.org"))
    }
})
