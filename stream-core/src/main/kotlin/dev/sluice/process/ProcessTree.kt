@file:NotOnAndroid

package dev.sluice.process

import dev.sluice.NotOnAndroid
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.Paths
import kotlin.streams.toList

/** A process and all that it has started. */
@NotOnAndroid
internal class ProcessTree(
    private val root: ProcessHandle,
) {
    /**
     * Ends all of it, without a chance to object. Escaping are those whose parent has ended before, and what is started at this very
     * moment.
     */
    fun kill() {
        // First: without their parent they belong to another.
        val descendants = descendants()
        root.destroyForcibly()
        descendants.forEach { it.destroyForcibly() }
    }

    /** The process that it has started, if there is just one. */
    fun onlyChild(): ProcessHandle? = root.children().toList().singleOrNull()

    /** Where Linux keeps a list of a process's children. Without it, the JDK looks at every process that there is. */
    private fun descendants(): List<ProcessHandle> =
        if (Files.exists(childrenOf(root))) below(root) else root.descendants().toList()

    private fun below(parent: ProcessHandle): List<ProcessHandle> =
        childIds(parent).mapNotNull { ProcessHandle.of(it).orElse(null) }.flatMap { listOf(it) + below(it) }

    /** Each of its threads has children of its own. */
    private fun childIds(parent: ProcessHandle): List<Long> =
        try {
            Files.newDirectoryStream(tasksOf(parent)).use { tasks -> tasks.flatMap { readIds(it.resolve(CHILDREN)) } }
        } catch (_: IOException) {
            // It has ended meanwhile.
            emptyList()
        }

    private fun readIds(list: Path): List<Long> =
        Files
            .readAllLines(list)
            .flatMap {
                it.trim().split(' ')
            }.mapNotNull { it.toLongOrNull() }

    private fun tasksOf(process: ProcessHandle) = Paths.get("/proc/${process.pid()}/task")

    private fun childrenOf(process: ProcessHandle) = tasksOf(process).resolve("${process.pid()}").resolve(CHILDREN)

    private companion object {
        const val CHILDREN = "children"
    }
}
