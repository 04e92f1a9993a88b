package dev.sluice.process.remote

import dev.sluice.process.ContainerOptions
import dev.sluice.process.Launcher
import dev.sluice.process.findTool
import java.io.File
import java.nio.file.Files
import java.nio.file.Path

/** An image for podman of little more than a shell, made of this machine's own busybox. */
internal object BusyboxImage {
    private const val NAME = "localhost/sluice-test"

    /** As it works also where this is itself in a container, as root. */
    private val engineOptions = listOf("--cgroup-manager=cgroupfs", "--runtime=runc")

    /** What containers bear, so that they can be told from those of other tests, in another JVM. */
    var label = "sluice-tests=${ProcessHandle.current().pid()}"

    private val runOptions get() = listOf("--label=$label", "--ulimit=nofile=1024:1024", "--ulimit=nproc=1000:1000")

    /** Why podman can't run it here; null if it can. */
    val problem: String? by lazy {
        val missing = listOf("podman", "runc", "busybox").firstOrNull { findTool(it) == null }
        if (missing != null) "there is no $missing on this machine" else runCatching { make() }.exceptionOrNull()?.message
    }

    private fun make() {
        val dir = Files.createTempDirectory("sluice-image-")
        try {
            import(dir)
        } finally {
            dir.toFile().deleteRecursively()
        }
        podman(listOf("run", "--rm", "--network=none") + runOptions + listOf(NAME, "true"))
    }

    private fun import(dir: Path) {
        val root = Files.createDirectory(dir.resolve("root"))
        for (folder in listOf("bin", "tmp", "etc", "proc", "dev", "sys")) Files.createDirectory(root.resolve(folder))
        root.resolve("tmp").toFile().setWritable(true, false)
        val busybox = root.resolve("bin/busybox")
        Files.copy(Path.of(findTool("busybox")!!), busybox)
        check(busybox.toFile().setExecutable(true, false))
        val names = said(listOf("$busybox", "--list")).lines().filter { it.isNotEmpty() && it != "busybox" }
        for (name in names) Files.createSymbolicLink(root.resolve("bin/$name"), Path.of("busybox"))
        said(listOf("tar", "-C", "$root", "-cf", "$dir/image.tar", "."))
        podman(listOf("import", "--quiet", "$dir/image.tar", NAME))
    }

    fun launcher(configure: ContainerOptions.() -> Unit = {}): Launcher =
        Launcher.container(engine = "podman", image = NAME) {
            engineOptions(*BusyboxImage.engineOptions.toTypedArray())
            runOptions(*BusyboxImage.runOptions.toTypedArray())
            configure()
        }

    fun podman(arguments: List<String>): String = said(listOf("podman") + engineOptions + arguments)

    private fun said(command: List<String>): String {
        val process =
            ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(File("/dev/null"))
                .start()
        val said = process.inputStream.bufferedReader().readText()
        check(process.waitFor() == 0) { "$command ended with ${process.exitValue()}: $said" }
        return said
    }
}
