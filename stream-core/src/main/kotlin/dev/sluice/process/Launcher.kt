@file:NotOnAndroid

package dev.sluice.process

import dev.sluice.NotOnAndroid
import java.util.function.Consumer

/**
 * Where and how the commands of a [Sandbox] run.
 *
 * | | runs | isolates | limits that it enforces |
 * | --- | --- | --- | --- |
 * | [local] | on this machine | nothing: a folder and an environment of their own | `cpuTime`, `memory`, `openFiles`, for each process |
 * | [bubblewrap] | on this machine | files, network, processes | the same, and `processes` unless started by root |
 */
@NotOnAndroid
public sealed class Launcher {
    /**
     * Makes a place for a sandbox; blocking.
     *
     * @throws java.io.IOException it can't be made
     * @throws UnsupportedOperationException a limit can't be enforced
     */
    internal abstract fun open(limits: SandboxLimits): Cell

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

        /** The same, as it is by default. */
        @JvmStatic
        public fun bubblewrap(): Launcher = BubblewrapLauncher(BubblewrapOptions())
    }
}
