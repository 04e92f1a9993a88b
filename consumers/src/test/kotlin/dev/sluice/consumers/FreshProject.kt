package dev.sluice.consumers

import dev.sluice.process.ProcessOptions
import dev.sluice.process.StreamType
import dev.sluice.process.startProcess
import io.kotest.assertions.withClue
import io.kotest.matchers.shouldBe
import java.io.File
import java.nio.file.Files
import java.nio.file.Path
import kotlin.time.Duration.Companion.minutes

/** A copy of one of src/test/projects, which is built with Maven from what is staged, as a user would build it from Central. */
internal class FreshProject private constructor(
    val folder: Path,
    private val jdk: Jdk,
) {
    private val classes = folder.resolve("target/classes")
    private val libraries = folder.resolve("target/lib")

    val classPath: String = listOf(classes, libraries.resolve("*")).joinToString(File.pathSeparator)
    val modulePath: String = listOf(classes, libraries).joinToString(File.pathSeparator)

    /** The jar of the program, and those of all that it depends on. */
    val jars: List<File>
        get() =
            listOf(folder.resolve("target"), libraries)
                .flatMap { it.toFile().listFiles()!!.sorted() }
                .filter { it.extension == "jar" }

    /** Only errors are logged: on a busy machine loading classes may hold an event loop up, of which it warns. */
    suspend fun java(vararg arguments: String): String =
        run(jdk, listOf(jdk.tool("java"), "-Dorg.slf4j.simpleLogger.defaultLogLevel=error", *arguments), folder)

    companion object {
        private val target = Path.of("target").toAbsolutePath()

        /** The projects' own: a plugin is fetched once, and nothing of this project is there but what a build has just staged. */
        private val repository = target.resolve("repository")

        private val versions =
            listOf("sluice.version", "kotlin.version", "slf4j.version", "compiler-plugin.version", "dependency-plugin.version")
                .map { "-D$it=${System.getProperty(it)}" }

        init {
            repository.resolve("dev/sluice").toFile().deleteRecursively()
        }

        suspend fun build(
            name: String,
            jdk: Jdk,
        ): FreshProject {
            val folder = target.resolve("projects/$name-on-${jdk.version}")
            folder.toFile().deleteRecursively()
            File("src/test/projects/$name").copyRecursively(folder.toFile())
            // It would otherwise find the options of this project.
            Files.createDirectory(folder.resolve(".mvn"))

            val maven = Path.of(System.getProperty("maven.home"), "bin", "mvn").toString()
            val where = listOf("-Dmaven.repo.local=$repository", "-Dstaging=${Staging.folder.toUri()}")
            // The daemon would outlive this.
            val how = listOf("-B", "-ntp", "-Dkotlin.compiler.daemon=false")
            run(jdk, listOf(maven) + how + where + versions + "package", folder)
            return FreshProject(folder, jdk)
        }
    }
}

/** What a program prints, its complaints among it, when it has ended well. */
internal suspend fun run(
    jdk: Jdk,
    command: List<String>,
    folder: Path,
): String {
    val options =
        ProcessOptions {
            workDir = folder
            env = mapOf("JAVA_HOME" to "${jdk.home}")
            stderr = StreamType.MERGED
            timeout = 10.minutes
        }
    return startProcess(command, options).use { process ->
        val output = process.stdout.read().decodeToString()
        withClue({ "${command.joinToString(" ")}:\n$output" }) { process.awaitExit() shouldBe 0 }
        output
    }
}
