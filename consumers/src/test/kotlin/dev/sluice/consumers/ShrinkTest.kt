package dev.sluice.consumers

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.longs.shouldBeLessThan
import io.kotest.matchers.shouldBe
import java.nio.file.Files
import java.nio.file.Path
import kotlin.time.Duration.Companion.minutes

/** A program that Android's R8 has shrunk, and renamed all of, still works: by no other rules than those in the jars. */
internal class ShrinkTest :
    FunSpec({
        test("a program that R8 has shrunk does what it did before").config(invocationTimeout = 15.minutes) {
            val jdk = Jdk.ofThisBuild
            val project = FreshProject.build("shrunk", jdk)
            val identity = makeIdentity(jdk, project.folder)
            val expected = "over TLS\nwith futures\nover Ktor, until it was reset\nin a process\n"
            project.java("-cp", project.classPath, "MainKt", *identity) shouldBe expected

            val shrunk = project.folder.resolve("target/shrunk.jar")
            val tool = Path.of("target/r8.jar").toAbsolutePath().toString()
            val r8 = listOf(jdk.tool("java"), "-Xmx2g", "-cp", tool, "com.android.tools.r8.R8")
            val how = listOf("--release", "--classfile", "--lib", "${jdk.home}", "--pg-conf", "rules.pro", "--output", "$shrunk")
            run(jdk, r8 + how + project.jars.map { "$it" }, project.folder)
            Files.size(shrunk) shouldBeLessThan project.jars.sumOf { it.length() } / 2
            project.java("-cp", "$shrunk", "MainKt", *identity) shouldBe expected
        }
    })

/** The files of a key store, and of the certificate in it. */
private suspend fun makeIdentity(
    jdk: Jdk,
    folder: Path,
): Array<String> {
    val keyStore = folder.resolve("target/identity.p12").toString()
    val certificate = folder.resolve("target/identity.pem").toString()

    val store = arrayOf("-alias", "server", "-keystore", keyStore, "-storepass", "secret")

    suspend fun keytool(vararg arguments: String) = run(jdk, listOf(jdk.tool("keytool"), *arguments, *store), folder)
    keytool("-genkeypair", "-keyalg", "EC", "-dname", "CN=localhost", "-ext", "san=dns:localhost", "-storetype", "PKCS12")
    keytool("-exportcert", "-rfc", "-file", certificate)
    return arrayOf(keyStore, certificate)
}
