@file:NotOnAndroid

package dev.sluice.process

import dev.sluice.NotOnAndroid
import java.nio.file.Path

/** What [Launcher.bubblewrap] lets its commands have. */
@NotOnAndroid
public class BubblewrapOptions internal constructor() {
    /** Whether they can use the network as this program can, and reach other programs of this machine by it. */
    @get:JvmSynthetic
    @set:JvmSynthetic
    public var network: Boolean = false

    internal val readOnly = LinkedHashSet<Path>()
    internal val writable = LinkedHashSet<Path>()

    /** @see BubblewrapOptions.network */
    public fun network(on: Boolean): BubblewrapOptions = apply { network = on }

    /** Files or folders that they can read, where they are. */
    public fun readOnly(vararg paths: Path): BubblewrapOptions = apply { paths.mapTo(readOnly, Path::toAbsolutePath) }

    /** Files or folders that they can read and change, where they are. */
    public fun writable(vararg paths: Path): BubblewrapOptions = apply { paths.mapTo(writable, Path::toAbsolutePath) }

    internal fun copy(): BubblewrapOptions =
        BubblewrapOptions().also {
            it.network = network
            it.readOnly += readOnly
            it.writable += writable
        }
}
