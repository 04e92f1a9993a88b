package dev.sluice.consumers

import java.io.File
import java.nio.file.Files
import java.nio.file.Path

/** A JDK, on which fresh projects are built and run. */
internal class Jdk private constructor(
    val home: Path,
    val version: Int,
) {
    fun tool(name: String): String = home.resolve("bin/$name").toString()

    companion object {
        val ofThisBuild: Jdk = Jdk(Path.of(System.getProperty("java.home")), Runtime.version().feature())

        /** A JDK 25 that was named, or is where systems install them. */
        val newest: Jdk? by lazy {
            val named = System.getenv("JDK25_HOME")?.let { listOf(File(it)) }.orEmpty()
            val installed = File("/usr/lib/jvm").listFiles().orEmpty().sorted()
            (named + installed).firstNotNullOfOrNull { at(it.toPath()) }
        }

        private fun at(home: Path): Jdk? {
            if (!Files.isExecutable(home.resolve("bin/javac"))) return null
            val isNewest = Files.readAllLines(home.resolve("release")).any { it.startsWith("JAVA_VERSION=\"25") }
            return if (isNewest) Jdk(home, 25) else null
        }
    }
}
