@file:NotOnAndroid

package dev.sluice.process

import dev.sluice.NotOnAndroid
import dev.sluice.process.remote.ContainerLauncher
import dev.sluice.process.remote.KubernetesLauncher
import dev.sluice.process.remote.SshLauncher
import java.util.concurrent.Executor
import java.util.function.Consumer

/**
 * Where and how the commands of a [Sandbox] run.
 *
 * | | runs | isolates | limits that it enforces |
 * | --- | --- | --- | --- |
 * | [local] | on this machine | nothing: a folder and an environment of their own | `cpuTime`, `memory`, `openFiles`, for each process |
 * | [bubblewrap] | on this machine | files, network, processes | the same, and `processes` unless started by root |
 * | [ssh] | on another host | nothing: a folder and an environment of their own, there | `cpuTime`, `memory`, `openFiles`, for each process |
 * | [container] | where the engine runs | files, network, processes | `cpuTime` and `openFiles` for each process, `memory` and `processes` for all |
 * | [kubernetes] | in a pod | what the pod does | `cpuTime` and `openFiles` for each process; for a new pod `memory` |
 */
@NotOnAndroid
public abstract class Launcher internal constructor() {
    /**
     * Makes a place for a sandbox; blocking.
     *
     * @throws java.io.IOException it can't be made
     * @throws UnsupportedOperationException a limit can't be enforced
     */
    internal abstract fun open(limits: SandboxLimits): Cell

    /** Where its work is done. Of one that waits for others each command has a thread, so that none waits for another. */
    internal open val threads: Executor get() = ProcessThreads.starters

    public companion object {
        /** Plain processes of this machine, in a folder and an environment of their own. They can do all that this program can. */
        @JvmStatic
        public fun local(): Launcher = LocalLauncher

        /**
         * Processes that [bubblewrap](https://github.com/containers/bubblewrap) keeps apart: they see the system's programs, read-only, a
         * private `/tmp`, their own folder and nothing else, no other processes and no network, and they end with this program,
         * however that ends. Each command is by itself: what they share is the sandbox's folder.
         *
         * ```kotlin
         * Launcher.bubblewrap { network = true; readOnly(project) }
         * ```
         */
        @JvmSynthetic
        public fun bubblewrap(configure: BubblewrapOptions.() -> Unit): Launcher =
            BubblewrapLauncher(BubblewrapOptions().apply(configure))

        /** The same, in Java: `Launcher.bubblewrap(bwrap -> bwrap.network(true).readOnly(project))`. */
        @JvmStatic
        public fun bubblewrap(configure: Consumer<BubblewrapOptions>): Launcher =
            BubblewrapLauncher(BubblewrapOptions().also(configure::accept))

        /**
         * Processes of another host that has a POSIX shell, by the OpenSSH client and its configuration. It never asks for a password: the host
         * and a key have to be known. A sandbox has one connection for all its commands.
         *
         * Commands are found, and their folders are, on that host. `terminate()` and its kin go there by a connection of their own. When the
         * connection is lost, `awaitExit()` throws an [java.io.IOException].
         */
        @JvmStatic
        public fun ssh(host: String): Launcher = SshLauncher(host, SshOptions())

        /** The same: `Launcher.ssh("build.example.org") { port = 2222 }`. */
        @JvmSynthetic
        public fun ssh(
            host: String,
            configure: SshOptions.() -> Unit,
        ): Launcher = SshLauncher(host, SshOptions().apply(configure))

        /** The same, in Java: `Launcher.ssh("build.example.org", ssh -> ssh.port(2222))`. */
        @JvmStatic
        public fun ssh(
            host: String,
            configure: Consumer<SshOptions>,
        ): Launcher = SshLauncher(host, SshOptions().also(configure::accept))

        /**
         * Processes in a container, by the command line of an engine: `docker`, `podman`, `nerdctl`, or one that takes the same arguments. A
         * sandbox has one container for all its commands, without a network unless asked, of an image that has a POSIX shell. It is removed
         * with the sandbox, and when this program ends, however that ends.
         *
         * ```kotlin
         * Launcher.container(engine = "podman", image = "debian:stable") { readOnly(project) }
         * ```
         * @param engine its name or its path
         */
        @JvmSynthetic
        public fun container(
            engine: String = "docker",
            image: String,
            configure: ContainerOptions.() -> Unit = {},
        ): Launcher = ContainerLauncher(engine, image, ContainerOptions().apply(configure))

        /** The same, as it is by default. */
        @JvmStatic
        public fun container(
            engine: String,
            image: String,
        ): Launcher = ContainerLauncher(engine, image, ContainerOptions())

        /** The same, in Java: `Launcher.container("podman", "debian:stable", it -> it.readOnly(project))`. */
        @JvmStatic
        public fun container(
            engine: String,
            image: String,
            configure: Consumer<ContainerOptions>,
        ): Launcher = ContainerLauncher(engine, image, ContainerOptions().also(configure::accept))

        /**
         * Processes in a pod of Kubernetes, by `kubectl` and its configuration: either in [pod], which is there and stays, or in a new pod of
         * [image], which is removed with the sandbox, and when this program ends. There has to be a POSIX shell.
         *
         * @throws IllegalArgumentException both are set, or none
         */
        @JvmSynthetic
        public fun kubernetes(
            pod: String? = null,
            image: String? = null,
            namespace: String? = null,
            configure: KubernetesOptions.() -> Unit = {},
        ): Launcher =
            KubernetesLauncher(
                KubernetesOptions().also {
                    it.pod = pod
                    it.image = image
                    it.namespace = namespace
                    it.configure()
                },
            )

        /** The same, in Java: `Launcher.kubernetes(it -> it.pod("worker-0").namespace("jobs"))`. */
        @JvmStatic
        public fun kubernetes(configure: Consumer<KubernetesOptions>): Launcher =
            KubernetesLauncher(KubernetesOptions().also(configure::accept))

        /** The same, as it is by default. */
        @JvmStatic
        public fun bubblewrap(): Launcher = BubblewrapLauncher(BubblewrapOptions())
    }
}
