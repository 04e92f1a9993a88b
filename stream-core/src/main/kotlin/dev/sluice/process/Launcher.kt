@file:NotOnAndroid

package dev.sluice.process

import dev.sluice.NotOnAndroid
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
 * | [ssh] | on another host | nothing: a folder and an environment of their own, there | none |
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

        /** The same, as it is by default. */
        @JvmStatic
        public fun bubblewrap(): Launcher = BubblewrapLauncher(BubblewrapOptions())
    }
}
