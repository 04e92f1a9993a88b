package dev.sluice.consumers

import java.io.File
import java.nio.file.Path

/** The folder of what a release uploads. */
internal object Staging {
    val folder: Path = Path.of(System.getProperty("staging"))
    val version: String = System.getProperty("sluice.version")
    val modules: List<String> = listOf("stream-core", "stream-java-api", "stream-ktor")

    fun filesOf(module: String): List<File> =
        folder
            .resolve("dev/sluice/$module/$version")
            .toFile()
            .listFiles()
            .orEmpty()
            .filterNot { it.name.startsWith("maven-metadata") }

    /** How the names of a module's files begin; a snapshot has a time in the place of its version. */
    fun stemOf(module: String): String = filesOf(module).single { it.extension == "pom" }.nameWithoutExtension

    /** The pom, or a jar by its [kind]: `.jar`, `-sources.jar`. */
    fun file(
        module: String,
        kind: String,
    ): File = filesOf(module).single { it.name == stemOf(module) + kind }
}

/** The packages in which the dump of a module's public API has something. */
internal fun packagesOfApi(module: String): Set<String> =
    File("../$module/api/$module.api")
        .readLines()
        .mapNotNull {
            Regex("^public .*(?:class|interface) (\\S+)/\\S+")
                .find(it)
                ?.groupValues
                ?.get(1)
                ?.replace('/', '.')
        }.toSet()
