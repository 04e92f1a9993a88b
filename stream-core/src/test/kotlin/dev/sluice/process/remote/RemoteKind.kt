package dev.sluice.process.remote

import dev.sluice.process.findTool
import io.kotest.core.test.Enabled

/**
 * The launchers that carry commands to another place, all of which have to do the same.
 *
 * @property sharesMachine whether it is in truth on this machine, with its files and processes
 */
internal enum class RemoteKind(
    val sharesMachine: Boolean,
    private val problem: () -> String? = { null },
) {
    SSH(true, ::noSsh),
    PODMAN(false, BusyboxImage::problem),
    DOCKER(true),
    NERDCTL(true),
    POD(true),
    NEW_POD(true),
    ;

    val enabled: Enabled get() = problem()?.let(Enabled::disabled) ?: Enabled.enabled
}

private fun noSsh(): String? =
    listOf("ssh", "ssh-keygen", "/usr/sbin/sshd").firstOrNull { findTool(it) == null }?.let { "there is no $it on this machine" }
