package dev.sluice.process.remote

import dev.sluice.process.findTool
import io.kotest.core.test.Enabled

/**
 * The launchers that carry commands to another place, all of which have to do the same.
 *
 * @property sharesMachine whether it is in truth on this machine, with its files and processes
 * @property isStandIn whether something stands in for the program that leads there
 */
internal enum class RemoteKind(
    val sharesMachine: Boolean,
    val isStandIn: Boolean,
    private val problem: () -> String? = { null },
) {
    SSH(true, false, ::noSsh),
    PODMAN(false, false, BusyboxImage::problem),
    DOCKER(true, true),
    NERDCTL(true, true),
    POD(true, true),
    NEW_POD(true, true),
    ;

    val enabled: Enabled get() = problem()?.let(Enabled::disabled) ?: Enabled.enabled
}

private fun noSsh(): String? =
    listOf("ssh", "ssh-keygen", "/usr/sbin/sshd").firstOrNull { findTool(it) == null }?.let { "there is no $it on this machine" }
