@file:NotOnAndroid

package dev.sluice.process

import dev.sluice.NotOnAndroid
import java.nio.file.Path

/** What [Launcher.container] lets its commands have. */
@NotOnAndroid
public class ContainerOptions internal constructor() {
    /** Whether the container gets the engine's network; without, it has none. */
    @get:JvmSynthetic
    @set:JvmSynthetic
    public var network: Boolean = false

    internal val readOnly = LinkedHashSet<Path>()
    internal val writable = LinkedHashSet<Path>()
    internal val engineOptions = ArrayList<String>()
    internal val runOptions = ArrayList<String>()

    /** @see ContainerOptions.network */
    public fun network(on: Boolean): ContainerOptions = apply { network = on }

    /** Files or folders of this machine that its commands can read, where they are here. */
    public fun readOnly(vararg paths: Path): ContainerOptions = apply { paths.mapTo(readOnly, Path::toAbsolutePath) }

    /** Files or folders of this machine that its commands can read and change, where they are here. */
    public fun writable(vararg paths: Path): ContainerOptions = apply { paths.mapTo(writable, Path::toAbsolutePath) }

    /** Arguments of the engine itself, before its command: `--cgroup-manager=cgroupfs`. */
    public fun engineOptions(vararg options: String): ContainerOptions = apply { engineOptions += options }

    /** Further arguments of the engine's `run`: `--user=1000`, `--gpus=all`. */
    public fun runOptions(vararg options: String): ContainerOptions = apply { runOptions += options }

    internal fun copy(): ContainerOptions =
        ContainerOptions().also {
            it.network = network
            it.readOnly += readOnly
            it.writable += writable
            it.engineOptions += engineOptions
            it.runOptions += runOptions
        }
}
