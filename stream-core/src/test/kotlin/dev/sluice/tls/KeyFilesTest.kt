package dev.sluice.tls

import dev.sluice.InfoKey
import dev.sluice.testing.memoryTransportPair
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.IOException
import java.nio.file.Files
import java.nio.file.NoSuchFileException
import java.nio.file.Path
import java.security.KeyStore
import java.util.concurrent.TimeUnit
import javax.net.ssl.SSLContext
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

private const val PASSWORD = "secret"

/** Runs a tool in this directory, to its good end. */
private fun Path.run(vararg command: String) {
    val output = resolve("output")
    val process =
        ProcessBuilder(*command)
            .directory(toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start()
    check(process.waitFor(2, TimeUnit.MINUTES)) { "${command.joinToString(" ")} hangs" }
    check(process.exitValue() == 0) { "${command.joinToString(" ")}: ${String(Files.readAllBytes(output))}" }
}

private fun Path.openssl(arguments: String) = run("openssl", *arguments.split(' ').toTypedArray())

private val withOpenssl: Enabled by lazy {
    try {
        val process = ProcessBuilder("openssl", "version").redirectErrorStream(true).start()
        if (process.waitFor() == 0) Enabled.enabled else Enabled.disabled("openssl does not work on this machine")
    } catch (_: IOException) {
        Enabled.disabled("this machine has no openssl")
    }
}

/** The server shows what [own] says, and a client that trusts [trusted] accepts it. */
private suspend fun shouldProve(
    trusted: Path,
    own: TlsOptions.Builder.() -> Unit,
): Unit = shouldProve({ trust(trusted) }, own)

private suspend fun shouldProve(
    trusting: TlsOptions.Builder.() -> Unit,
    own: TlsOptions.Builder.() -> Unit,
) {
    val client =
        clientTls {
            context = null
            trusting()
        }
    val server =
        serverTls {
            context = null
            own()
        }
    val (first, second) = memoryTransportPair().withTls(client, server)
    (first.info[InfoKey.PeerCertificates]!!.isNotEmpty()) shouldBe true
    first.abort()
    second.abort()
}

private fun refusal(configure: TlsOptions.Builder.() -> Unit): String =
    shouldThrow<IllegalArgumentException> { TlsOptions(configure) }.message!!

private fun Path.withText(text: String): Path = also { Files.write(it, text.toByteArray()) }

private val Path.text: String get() = String(Files.readAllBytes(this))

internal class KeyFilesTest : FunSpec({
    val directory = tempdir().toPath()
    val root = authority.write(directory.resolve("root.pem"))
    val own = authority.issue("localhost")
    val chain = own.writeChain(directory.resolve("chain.pem"))
    val key = own.writeKey(directory.resolve("key.pem"))
    val rsa = authority.issue("localhost", algorithm = "RSA")
    val rsaChain = rsa.writeChain(directory.resolve("rsa-chain.pem"))
    val rsaKey = rsa.writeKey(directory.resolve("rsa-key.pem"))

    fun file(name: String) = directory.resolve(name)

    fun encrypted(name: String) =
        file(name).also { directory.openssl("ec -in key.pem -aes256 -passout pass:$PASSWORD -out $name") }

    test("a key in plain PKCS#8, of each kind") {
        shouldProve(root) { identity(chain, key) }
        shouldProve(root) { identity(rsaChain, rsaKey) }
        val edwards = authority.issue("localhost", algorithm = "Ed25519")
        shouldProve(root) { identity(edwards.writeChain(file("ed.pem")), edwards.writeKey(file("ed-key.pem"))) }
    }

    test("a password for a key that has none is not needed and does no harm") {
        shouldProve(root) { identity(chain, key, PASSWORD) }
    }

    test("a key in encrypted PKCS#8, of each kind that openssl writes").config(enabledOrReasonIf = { withOpenssl }) {
        val kinds =
            listOf(
                "-v2 aes-256-cbc",
                "-v2 aes-192-cbc -v2prf hmacWithSHA384",
                "-v2 aes-128-cbc -v2prf hmacWithSHA512",
                "-v2 aes-128-cbc -v2prf hmacWithSHA1",
                "-v2 des3",
                "-v1 PBE-SHA1-3DES",
            )
        for (kind in kinds) {
            withClue(kind) {
                directory.openssl("pkcs8 -topk8 -in key.pem $kind -passout pass:$PASSWORD -out p8.pem")
                file("p8.pem").text shouldContain "BEGIN ENCRYPTED PRIVATE KEY"
                shouldProve(root) { identity(chain, file("p8.pem"), PASSWORD) }
                refusal { identity(chain, file("p8.pem"), "wrong") }.let {
                    it shouldContain "p8.pem"
                    it shouldContain "password is wrong"
                }
            }
        }
    }

    test("an RSA key in PKCS#1, plain and encrypted").config(enabledOrReasonIf = { withOpenssl }) {
        directory.openssl("rsa -traditional -in rsa-key.pem -out pkcs1.pem")
        file("pkcs1.pem").text shouldContain "BEGIN RSA PRIVATE KEY"
        shouldProve(root) { identity(rsaChain, file("pkcs1.pem")) }
        for (cipher in listOf("aes256", "aes192", "aes128", "des3")) {
            withClue(cipher) {
                directory.openssl("rsa -traditional -in rsa-key.pem -$cipher -passout pass:$PASSWORD -out pkcs1.pem")
                file("pkcs1.pem").text shouldContain "DEK-Info"
                shouldProve(root) { identity(rsaChain, file("pkcs1.pem"), PASSWORD) }
                refusal { identity(rsaChain, file("pkcs1.pem"), "wrong") } shouldContain "password is wrong"
            }
        }
    }

    test("an EC key in SEC1, with its parameters before it, without, and encrypted").config(enabledOrReasonIf = { withOpenssl }) {
        directory.openssl("ec -in key.pem -out sec1.pem")
        file("sec1.pem").text shouldContain "BEGIN EC PRIVATE KEY"
        shouldProve(root) { identity(chain, file("sec1.pem")) }
        directory.openssl("ecparam -name prime256v1 -out parameters.pem")
        file("with.pem").withText(file("parameters.pem").text + file("sec1.pem").text)
        file("with.pem").text shouldContain "BEGIN EC PARAMETERS"
        shouldProve(root) { identity(chain, file("with.pem")) }
        shouldProve(root) { identity(chain, encrypted("sec1-secret.pem"), PASSWORD) }
        refusal { identity(chain, file("sec1-secret.pem"), "wrong") } shouldContain "password is wrong"
    }

    test("key and chain in one file, with text and carriage returns between") {
        val one = "Bag Attributes\r\n    friendlyName: me\r\n${key.text}subject=CN = me\n\n${chain.text}".replace("\n", "\r\n")
        val both = file("both.pem").withText(one)
        shouldProve(root) { identity(both, both) }
    }

    test("a PKCS#12 store").config(enabledOrReasonIf = { withOpenssl }) {
        directory.openssl("pkcs12 -export -in chain.pem -inkey key.pem -passout pass:$PASSWORD -out own.p12")
        shouldProve(root) { keyStore(file("own.p12"), PASSWORD) }
    }

    test("a JKS store, which a client can trust as a file of certificates too") {
        val keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString()
        directory.run(
            *"$keytool -genkeypair -storetype JKS -keystore own.jks -storepass $PASSWORD -keypass $PASSWORD -alias own -keyalg EC"
                .split(' ')
                .toTypedArray(),
            *"-dname CN=localhost -ext san=dns:localhost".split(' ').toTypedArray(),
        )
        directory.run(
            *"$keytool -exportcert -rfc -keystore own.jks -storepass $PASSWORD -alias own -file own.pem"
                .split(
                    ' ',
                ).toTypedArray(),
        )
        directory.run(
            *"$keytool -importcert -noprompt -storetype JKS -keystore trust.jks -storepass $PASSWORD -file own.pem"
                .split(' ')
                .toTypedArray(),
        )
        shouldProve(file("own.pem")) { keyStore(file("own.jks"), PASSWORD) }
        shouldProve(file("trust.jks")) { keyStore(file("own.jks"), PASSWORD) }
        refusal { keyStore(file("own.jks"), "wrong!") }.let {
            it shouldContain "own.jks"
            it shouldContain "password"
            it shouldContain "wrong"
        }
    }

    test("a file that does not exist") {
        val none = file("none.pem")
        val attempts =
            listOf<TlsOptions.Builder.() -> Unit>(
                { identity(none, key) },
                { identity(chain, none) },
                { keyStore(none, PASSWORD) },
                { trust(none) },
            )
        for (attempt in attempts) shouldThrow<NoSuchFileException> { TlsOptions(attempt) }.file shouldBe none.toString()
    }

    test("a file without what is looked for in it") {
        refusal { identity(key, key) } shouldBe
            "there is no certificate in $key; a PEM file has one between -----BEGIN CERTIFICATE----- and its end"
        refusal { identity(chain, chain) } shouldBe
            "there is no private key in $chain; a PEM file has one between -----BEGIN PRIVATE KEY----- and its end"
        refusal { trust(key) } shouldContain "there is no certificate in $key"
        val notes = file("notes.txt").withText("nothing of the kind\n")
        refusal { trust(notes) } shouldBe "there is no certificate in $notes: it is neither a PEM file with one nor a key store"
        refusal { keyStore(notes, PASSWORD) } shouldBe "$notes is neither a PKCS#12 nor a JKS key store"
    }

    test("a key that is not the certificate's, of the same kind or another") {
        val other = authority.issue("localhost").writeKey(file("other-key.pem"))
        for (wrong in listOf(other, rsaKey)) {
            refusal { identity(chain, wrong) } shouldBe
                "the private key in $wrong is not the one of the first certificate in $chain (CN=localhost)"
        }
        // The issuer first, which is the wrong way round.
        val reversed = file("reversed.pem").withText(root.text + chain.text)
        refusal { identity(reversed, key) } shouldContain "not the one of the first certificate in $reversed (CN=Test CA)"
    }

    test("an encrypted key without its password").config(enabledOrReasonIf = { withOpenssl }) {
        directory.openssl("pkcs8 -topk8 -in key.pem -passout pass:$PASSWORD -out locked.pem")
        for (locked in listOf(file("locked.pem"), encrypted("locked-sec1.pem"))) {
            refusal { identity(chain, locked) } shouldBe "the private key in $locked is encrypted; give its password"
        }
    }

    test("damaged files") {
        val middle = key.text.length / 2
        val noBase64 = file("damaged.pem").withText(key.text.replaceRange(middle, middle + 1, "!"))
        refusal { identity(chain, noBase64) } shouldBe "the PRIVATE KEY in $noBase64 is no base64 text"
        val short = file("short.pem").withText("-----BEGIN PRIVATE KEY-----\nMIGH\n-----END PRIVATE KEY-----\n")
        refusal { identity(chain, short) } shouldContain "the private key in $short can't be read: it is damaged"
        val sec1 = file("short-sec1.pem").withText("-----BEGIN EC PRIVATE KEY-----\nMIGH\n-----END EC PRIVATE KEY-----\n")
        refusal { identity(chain, sec1) } shouldContain "the private key in $sec1 can't be read: it is damaged"
        val locked =
            file(
                "short-p8.pem",
            ).withText("-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIGH\n-----END ENCRYPTED PRIVATE KEY-----\n")
        refusal { identity(chain, locked, PASSWORD) } shouldContain
            "the private key in $locked can't be read: the password is wrong, or"
        val certificate = file("short-chain.pem").withText("-----BEGIN CERTIFICATE-----\nMIGH\n-----END CERTIFICATE-----\n")
        refusal { identity(certificate, key) } shouldContain "a certificate in $certificate can't be read"
        refusal { trust(certificate) } shouldContain "a certificate in $certificate can't be read"
        val vector = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,XY\n\nMIGH\n"
        val header = file("header.pem").withText("-----BEGIN RSA PRIVATE KEY-----\n$vector-----END RSA PRIVATE KEY-----\n")
        refusal { identity(chain, header, PASSWORD) } shouldContain "the private key in $header can't be read"
        val open = file("open.pem").withText(key.text.substringBefore("-----END"))
        refusal { identity(chain, open) } shouldContain "there is no private key in $open"
    }

    test("a key of a kind that is not known") {
        val odd = file("odd.pem").withText("-----BEGIN OPENSSH PRIVATE KEY-----\nMIGH\n-----END OPENSSH PRIVATE KEY-----\n")
        refusal { identity(chain, odd) } shouldBe
            "the OPENSSH PRIVATE KEY in $odd is of a kind that is not known here; convert it to PKCS#8"
    }

    test("a key store without a key, and one whose password is wrong") {
        val store = own.writeStore(file("own-2.p12"), PASSWORD)
        refusal { keyStore(store, "wrong!") } shouldBe "the password of the key store $store is wrong"
        val onlyTrust = file("trust.p12")
        Files.newOutputStream(onlyTrust).use {
            KeyStore
                .getInstance("PKCS12")
                .apply {
                    load(null, null)
                    setCertificateEntry("root", authority.certificate)
                }.store(it, PASSWORD.toCharArray())
        }
        refusal { keyStore(onlyTrust, PASSWORD) } shouldBe
            "there is no private key in the key store $onlyTrust, only certificates"
        refusal { trust(onlyTrust) } shouldContain "there is no certificate to trust in the key store $onlyTrust"
        refusal { trust(onlyTrust) } shouldContain "password"
        refusal { trust(onlyTrust, "wrong!") } shouldBe "the password of the key store $onlyTrust is wrong"
        shouldProve({ trust(onlyTrust, PASSWORD) }) { identity(chain, key) }
    }

    test("a JKS key with another password than its store") {
        val store = file("two.jks")
        Files.newOutputStream(store).use {
            KeyStore
                .getInstance("JKS")
                .apply {
                    load(null, null)
                    setKeyEntry("own", own.key, "other!".toCharArray(), own.chain.toTypedArray())
                }.store(it, PASSWORD.toCharArray())
        }
        refusal { keyStore(store, PASSWORD) } shouldBe
            "a key in the key store $store has another password than the store; give both the same"
    }

    test("a context has its own keys and trust, and takes no files beside it") {
        val attempts =
            listOf<TlsOptions.Builder.() -> Unit>(
                { identity(chain, key) },
                { keyStore(file("own-2.p12"), PASSWORD) },
                { trust(root) },
            )
        for (attempt in attempts) {
            refusal {
                context = SSLContext.getDefault()
                attempt()
            } shouldContain "can't be combined with identity, keyStore or trust"
        }
    }

    test("C-021 T-006 values that make no sense are refused when the options are built") {
        refusal { serverHostname = "" } shouldContain "serverHostname is empty"
        refusal { serverHostname = "." } shouldContain "serverHostname is empty"
        refusal { protocols = emptyList() } shouldContain "protocols is empty"
        refusal { cipherSuites = emptyList() } shouldContain "cipherSuites is empty"
        refusal { applicationProtocols = listOf("") } shouldContain "1 to 255 bytes"
        refusal { applicationProtocols = listOf("x".repeat(256)) } shouldContain "1 to 255 bytes"
        for (time in listOf(Duration.ZERO, (-1).seconds)) {
            refusal { handshakeTimeout = time } shouldBe "handshakeTimeout must be positive, not $time"
            refusal { shutdownTimeout = time } shouldBe "shutdownTimeout must be positive, not $time"
        }
    }
})
