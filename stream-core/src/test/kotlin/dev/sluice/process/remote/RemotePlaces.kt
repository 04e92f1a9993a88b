package dev.sluice.process.remote

import dev.sluice.andThoroughly
import dev.sluice.process.Launcher
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import java.nio.file.Files
import java.nio.file.Path

/** What stands behind the [RemoteKind]s while a spec runs. */
internal class RemotePlaces(
    private val spec: FunSpec,
) {
    private val dir = spec.tempdir().toPath()
    private val sshd = lazy { Sshd(dir) }

    init {
        spec.afterSpec { if (sshd.isInitialized()) sshd.value.close() }
    }

    /** A test of its own for each kind that this machine can have. */
    fun each(
        name: String,
        kinds: Collection<RemoteKind> = usually(name),
        body: suspend (RemoteKind, Launcher) -> Unit,
    ) {
        for (kind in kinds) {
            spec
                .test(
                    "$name (${kind.name.lowercase()})",
                ).config(enabledOrReasonIf = { kind.enabled }) { body(kind, launcher(kind)) }
        }
    }

    /** The real ones, and of those that something stands in for one, not always the same. */
    private fun usually(name: String): List<RemoteKind> {
        val (standIns, real) = RemoteKind.entries.partition { it.isStandIn }
        return (real + standIns[name.length % standIns.size]).andThoroughly(*standIns.toTypedArray()).distinct()
    }

    fun launcher(kind: RemoteKind): Launcher =
        when (kind) {
            RemoteKind.SSH -> {
                sshd.value.launcher()
            }

            RemoteKind.PODMAN -> {
                BusyboxImage.launcher()
            }

            RemoteKind.DOCKER -> {
                Launcher.container(standIn("engine", "docker"), "stand-in") { engineOptions("--debug") }
            }

            RemoteKind.NERDCTL -> {
                Launcher.container(standIn("engine", "nerdctl"), "stand-in") { runOptions("--user=root") }
            }

            RemoteKind.POD -> {
                Launcher.kubernetes(pod = "worker-0", namespace = "jobs") {
                    client = standIn("kubectl", "kubectl")
                    container = "main"
                }
            }

            RemoteKind.NEW_POD -> {
                Launcher.kubernetes(image = "stand-in") {
                    client = standIn("kubectl", "kubectl")
                    clientOptions("--context=staging")
                    runOptions("--pod-running-timeout=5m")
                }
            }
        }

    /** A program that stands in for another of this [name]. Beside it are the files of the containers that it has. */
    fun standIn(
        program: String,
        name: String,
    ): String {
        val file = dir.resolve(name)
        if (Files.notExists(file)) copyStandIn(program, file)
        return "$file"
    }

    private fun copyStandIn(
        program: String,
        to: Path,
    ) {
        javaClass.getResourceAsStream("/dev/sluice/process/stand-in-$program")!!.use { Files.copy(it, to) }
        check(to.toFile().setExecutable(true))
    }
}
