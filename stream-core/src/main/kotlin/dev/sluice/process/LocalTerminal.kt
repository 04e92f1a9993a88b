@file:NotOnAndroid

package dev.sluice.process

import dev.sluice.NotOnAndroid
import dev.sluice.process.pty.SystemTerminal

/**
 * The terminal that a person sits at, as [StreamProcess.attach] uses it. The one that this program runs in is [system]; what else shows and
 * sends keys implements this.
 */
public interface LocalTerminal {
    /** How large its window is; `null` where that is not known. */
    public val size: PtySize?

    /**
     * Has keys come one by one, none of them shown or with a meaning here, and output shown as it is.
     *
     * @return closing it brings back what was before
     */
    public fun enterRawMode(): AutoCloseable

    /**
     * Has [listener] hear of each change of [size], on any thread.
     *
     * @return closing it ends that
     */
    public fun onResize(listener: Runnable): AutoCloseable

    /**
     * Takes keys that were typed. It may block, for a fraction of a second at most.
     *
     * @return how many bytes they were; 0 if none came, -1 if none will
     */
    public fun read(into: ByteArray): Int

    /** Shows [count] bytes of [data], from the first. It may block. */
    public fun write(
        data: ByteArray,
        count: Int,
    )

    public companion object {
        /**
         * The terminal that this program runs in.
         *
         * @throws UnsupportedOperationException there is none, or JLine is not on the class path
         */
        @JvmStatic
        public fun system(): LocalTerminal =
            try {
                SystemTerminal.open()
            } catch (e: NoClassDefFoundError) {
                throw UnsupportedOperationException("using the terminal needs JLine: add org.jline:jline to the class path", e)
            }
    }
}
