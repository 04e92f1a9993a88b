package dev.sluice.consumers

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldBeIn
import io.kotest.matchers.collections.shouldContainAll
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.collections.shouldNotBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldNotContain
import org.w3c.dom.Document
import org.w3c.dom.NodeList
import java.io.File
import java.security.MessageDigest
import java.util.zip.ZipFile
import javax.xml.parsers.DocumentBuilderFactory
import javax.xml.xpath.XPathConstants
import javax.xml.xpath.XPathFactory

private val CHECKSUMS = mapOf("md5" to "MD5", "sha1" to "SHA-1", "sha256" to "SHA-256", "sha512" to "SHA-512")

private val ASKED_FOR =
    listOf("name", "description", "url", "licenses/license/name", "licenses/license/url", "developers/developer/name") +
        listOf("scm/connection", "scm/developerConnection", "scm/url")

/** What Maven Central asks for is in the folder that a release uploads, and nothing else. */
internal class StagingTest :
    FunSpec({
        test("the modules that are published, and no others") {
            Staging.folder
                .toFile()
                .list()!!
                .toList() shouldBe listOf("dev")
            Staging.folder
                .resolve("dev")
                .toFile()
                .list()!!
                .toList() shouldBe listOf("sluice")
            Staging.folder
                .resolve("dev/sluice")
                .toFile()
                .list()!!
                .sorted() shouldBe Staging.modules
        }

        for (module in Staging.modules) {
            context(module) {
                test("has its jar, sources, documentation and POM, all signed or none, with four checksums each") {
                    val stem = Staging.stemOf(module)
                    if (!Staging.version.endsWith("-SNAPSHOT")) stem shouldBe "$module-${Staging.version}"

                    val artifacts = listOf("$stem.jar", "$stem-sources.jar", "$stem-javadoc.jar", "$stem.pom")
                    val signatures = artifacts.map { "$it.asc" }
                    val checksums = artifacts.flatMap { name -> CHECKSUMS.keys.map { "$name.$it" } }
                    val unsigned = (artifacts + checksums).sorted()
                    Staging.filesOf(module).map { it.name }.sorted() shouldBeIn listOf(unsigned, (unsigned + signatures).sorted())
                }

                test("has checksums that are those of its files") {
                    for (kind in listOf(".jar", "-sources.jar", "-javadoc.jar", ".pom")) {
                        val file = Staging.file(module, kind)
                        for ((suffix, algorithm) in CHECKSUMS) {
                            withClue("${file.name}.$suffix") { File("$file.$suffix").readText() shouldBe digest(algorithm, file) }
                        }
                    }
                }

                test("has a POM that says all that Central asks for, and stands by itself") {
                    val file = Staging.file(module, ".pom")
                    val pom = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file)
                    for (path in ASKED_FOR) withClue(path) { pom.texts(path).single() shouldNotBe "" }
                    val coordinates = listOf("groupId", "artifactId", "version").flatMap { pom.texts(it) }
                    coordinates shouldBe listOf("dev.sluice", module, Staging.version)
                    for (path in listOf("parent", "repositories", "pluginRepositories", "build", "profiles", "modules")) {
                        withClue(path) { pom.texts(path).shouldBeEmpty() }
                    }
                    file.readText() shouldNotContain "\${"
                    pom.texts("dependencies/dependency/scope").toSet() - setOf("compile", "runtime") shouldBe emptySet()
                }

                test("has all of its sources in the jar of these") {
                    val sources = File("../$module/src/main")
                    val named = listOf("kotlin", "java", "resources").flatMap { namesIn(sources.resolve(it)) }
                    named.shouldNotBeEmpty()
                    entriesOf(Staging.file(module, "-sources.jar")) shouldContainAll named
                }

                test("has documentation of each package that others may use") {
                    val packages = packagesOfApi(module).map { it.replace('.', '/') }
                    packages.shouldNotBeEmpty()
                    val pages = entriesOf(Staging.file(module, "-javadoc.jar"))
                    pages shouldContainAll listOf("index.html")
                    pages shouldContainAll packages.map { "$it/package-summary.html" }
                }

                test("has nothing in its jar but classes, a descriptor, rules for shrinkers, and what the build puts there") {
                    val entries = entriesOf(Staging.file(module, ".jar"))
                    val others = entries.filterNot { it.startsWith("dev/sluice/") && it.endsWith(".class") }
                    others.filterNot { it.startsWith("META-INF/proguard/") } shouldContainExactlyInAnyOrder
                        listOf(
                            "META-INF/MANIFEST.MF",
                            "META-INF/versions/11/module-info.class",
                            "META-INF/$module.kotlin_module",
                            "META-INF/maven/dev.sluice/$module/pom.properties",
                            "META-INF/maven/dev.sluice/$module/pom.xml",
                        )
                }
            }
        }

        test("the modules depend on each other in the version that is staged") {
            fun own(module: String): List<String> {
                val pom = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(Staging.file(module, ".pom"))
                val own = "dependencies/dependency[groupId='dev.sluice']"
                return pom.texts("$own/artifactId").zip(pom.texts("$own/version")) { name, version -> "$name:$version" }
            }
            own("stream-core").shouldBeEmpty()
            own("stream-ktor") shouldContainExactly listOf("stream-core:${Staging.version}")
            own("stream-java-api") shouldContainExactly listOf("stream-core", "stream-ktor").map { "$it:${Staging.version}" }
        }
    })

private fun digest(
    algorithm: String,
    file: File,
): String = MessageDigest.getInstance(algorithm).digest(file.readBytes()).joinToString("") { "%02x".format(it) }

private fun Document.texts(path: String): List<String> {
    val nodes = XPathFactory.newInstance().newXPath().evaluate("/project/$path", this, XPathConstants.NODESET) as NodeList
    return (0 until nodes.length).map { nodes.item(it).textContent.trim() }
}

private fun namesIn(folder: File): List<String> =
    folder
        .walk()
        .filter { it.isFile }
        .map { it.relativeTo(folder).path }
        .toList()

private fun entriesOf(jar: File): List<String> =
    ZipFile(jar).use { zip ->
        zip
            .entries()
            .asSequence()
            .filterNot { it.isDirectory }
            .map { it.name }
            .toList()
    }
