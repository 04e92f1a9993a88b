@file:NotOnAndroid

package dev.sluice.process.remote

import dev.sluice.NotOnAndroid
import dev.sluice.process.Cell
import dev.sluice.process.KubernetesOptions
import dev.sluice.process.Launcher
import dev.sluice.process.LimitedCommand
import dev.sluice.process.ProcessThreads
import dev.sluice.process.SandboxLimits
import dev.sluice.process.requireTool
import java.util.UUID
import java.util.concurrent.Executor

/** Runs commands in a pod of Kubernetes, by `kubectl`: in one that is there, or in one made for the sandbox. */
@NotOnAndroid
internal class KubernetesLauncher(
    given: KubernetesOptions,
) : Launcher() {
    private val options = given.copy()
    private val pod = options.pod
    private val image = options.image

    init {
        require((pod == null) != (image == null)) {
            "a sandbox is either in a pod that is there, or in a new one of an image: set one of the two"
        }
        require((pod ?: image!!).run { isNotEmpty() && !startsWith("-") }) { "there is no pod or image named '${pod ?: image}'" }
        require(
            image == null || options.container == null,
        ) { "the pod of an image has one container, of no name that could be set" }
    }

    override val threads: Executor get() = ProcessThreads.pumps

    override fun open(limits: SandboxLimits): Cell {
        if (limits.processes != null) throw UnsupportedOperationException("kubectl can't set how many processes a pod may have")
        if (limits.memory != null && image == null) {
            throw UnsupportedOperationException(
                "the memory of pod $pod was set when it was made; only that of a new one, of an image, can be limited",
            )
        }
        val kubectl = listOf(requireTool(options.client, null)) + options.clientOptions + namespace()
        val place = if (image == null) PodPlace("pod $pod", kubectl, pod!!, options.container) else newPod(kubectl, image, limits)
        return RemoteCell.make(place, LimitedCommand(limits.perProcess(), prlimit = null)) {
            limits.memory?.let { place.checkMemory(it) }
        }
    }

    private fun namespace(): List<String> = listOfNotNull(options.namespace?.let { "--namespace=$it" })

    private fun newPod(
        kubectl: List<String>,
        image: String,
        limits: SandboxLimits,
    ): PodPlace {
        val pod = "sluice-${UUID.randomUUID()}"
        val name = "a pod of $image"
        val run = listOf("run", pod, "--image=$image", "--restart=Never", "--stdin", "--rm", "--quiet")
        val holder =
            Holder.start(
                name,
                kubectl + run + memory(pod, limits) + options.runOptions + "--command" + "--" + Holder.COMMAND,
                kubectl + listOf("delete", "pod", pod, "--ignore-not-found", "--wait=false"),
            )
        return PodPlace(name, kubectl, pod, container = null, holder)
    }

    private fun memory(
        pod: String,
        limits: SandboxLimits,
    ): List<String> {
        val bytes = limits.memory ?: return emptyList()
        val container = """{"name":"$pod","resources":{"limits":{"memory":"$bytes"}}}"""
        return listOf("--override-type=strategic", """--overrides={"spec":{"containers":[$container]}}""")
    }

    override fun toString(): String =
        "Launcher.kubernetes(" + (pod?.let { "pod=$it" } ?: "image=$image") +
            (options.namespace?.let { ", namespace=$it)" } ?: ")")
}

/** @param holder of a pod made for the sandbox */
@NotOnAndroid
private class PodPlace(
    override val name: String,
    private val kubectl: List<String>,
    private val pod: String,
    private val container: String?,
    override val holder: Holder? = null,
) : RemotePlace {
    override fun carrying(
        command: List<String>,
        hasTerminal: Boolean,
    ): List<String> =
        kubectl +
            listOfNotNull(
                "exec",
                "--quiet",
                "--stdin",
                "--tty".takeIf { hasTerminal },
                pod,
                container?.let { "--container=$it" },
                "--",
            ) +
            command

    override val codesOfLoss: Set<Int> get() = setOf(1, 137)

    override val lastWords: String get() = "command terminated with exit code "
}
