package dev.sluice.oracle

import java.io.File
import java.io.IOException
import java.nio.file.Files
import java.util.concurrent.TimeUnit.SECONDS

/** A CPython that was seen to run. */
internal data class Python(
    val command: String,
    val version: List<Int>,
) {
    val hasSeveralSeparators get() = isAtLeast(13)

    fun isAtLeast(minor: Int) = version[0] == 3 && version[1] >= minor

    override fun toString() = "CPython ${version.joinToString(".")}"

    companion object {
        const val OLDEST_MINOR = 11

        /** The one named by the property `sluice.python` or the variable `SLUICE_PYTHON`, else the newest one that works. */
        fun find(): Python? {
            val named = System.getProperty("sluice.python") ?: System.getenv("SLUICE_PYTHON")
            if (named != null) {
                val python =
                    requireNotNull(probe(named)) { "$named, which was named as the Python to use, is no working CPython" }
                return python.also { require(it.isAtLeast(OLDEST_MINOR)) { "$named is $it, which is too old" } }
            }
            return candidates()
                .mapNotNull(::probe)
                .filter { it.isAtLeast(OLDEST_MINOR) }
                .maxWithOrNull(compareBy({ it.version[1] }, { it.version[2] }))
        }

        /** Whatever has the name on the path, and all that pyenv has, chosen or not. */
        private fun candidates(): List<String> {
            val name = Regex("""python3(\.\d+)?(\.exe)?""")
            val path = System.getenv("PATH").orEmpty().split(File.pathSeparatorChar)
            val pyenv = System.getenv("PYENV_ROOT") ?: (System.getProperty("user.home") + "/.pyenv")
            val onPath = path.flatMap { filesIn(it) }.filter { name.matches(it.name) }
            val inPyenv = filesIn("$pyenv/versions").map { it.resolve("bin/python3") }
            return (onPath + inPyenv).distinctBy { it.canonicalPath to it.name }.map { it.path }
        }

        private fun filesIn(directory: String) = File(directory).listFiles().orEmpty().asList()

        /** It is run, because what has the name may be a shim for something that is not there. */
        private fun probe(command: String): Python? {
            val code = "import sys, asyncio; print(sys.implementation.name, *sys.version_info[:3])"
            val output = Files.createTempFile("sluice-oracle", ".txt").toFile()
            try {
                val process =
                    ProcessBuilder(command, "-I", "-c", code)
                        .redirectErrorStream(true)
                        .redirectOutput(output)
                        .start()
                process.outputStream.close()
                if (!process.waitFor(30, SECONDS)) process.destroyForcibly()
                val words = output.readText().trim().split(' ')
                return if (words[0] == "cpython") Python(command, words.drop(1).map { it.toInt() }) else null
            } catch (_: IOException) {
                return null
            } finally {
                output.delete()
            }
        }
    }
}
