@file:NotOnAndroid

package dev.sluice.process.pty

import dev.sluice.NotOnAndroid
import dev.sluice.process.LocalTerminal
import dev.sluice.process.PtySize
import org.jline.terminal.Attributes
import org.jline.terminal.Attributes.ControlChar
import org.jline.terminal.Attributes.InputFlag
import org.jline.terminal.Attributes.LocalFlag
import org.jline.terminal.Attributes.OutputFlag
import org.jline.terminal.Terminal
import org.jline.terminal.TerminalBuilder
import java.io.FileDescriptor
import java.io.FileInputStream
import java.io.FileOutputStream
import java.io.IOException
import java.util.EnumSet

/**
 * The terminal of this program: JLine knows its modes and its size. Keys are read past JLine and `System.in`, both of which would
 * go on reading when nobody is attached any more.
 */
@NotOnAndroid
internal class SystemTerminal private constructor(
    private val terminal: Terminal,
) : LocalTerminal {
    private val keys = FileInputStream(FileDescriptor.`in`)
    private val screen = FileOutputStream(FileDescriptor.out)

    override val size: PtySize?
        get() = terminal.size.takeIf { it.columns > 0 && it.rows > 0 }?.let { PtySize(it.columns, it.rows) }

    override fun enterRawMode(): AutoCloseable {
        val before = terminal.attributes
        terminal.attributes = rawFrom(before)
        return AutoCloseable { terminal.attributes = before }
    }

    private fun rawFrom(before: Attributes) =
        Attributes(before).apply {
            setLocalFlags(EnumSet.of(LocalFlag.ICANON, LocalFlag.ECHO, LocalFlag.IEXTEN, LocalFlag.ISIG), false)
            setInputFlags(EnumSet.of(InputFlag.IXON, InputFlag.ICRNL, InputFlag.INLCR, InputFlag.IGNCR, InputFlag.ISTRIP, InputFlag.BRKINT), false)
            setOutputFlags(EnumSet.of(OutputFlag.OPOST), false)
            // A read comes back without a key after a tenth of a second, so that none is in the way when attaching ends.
            setControlChar(ControlChar.VMIN, 0)
            setControlChar(ControlChar.VTIME, 1)
        }

    override fun onResize(listener: Runnable): AutoCloseable {
        val before = terminal.handle(Terminal.Signal.WINCH) { listener.run() }
        return AutoCloseable { terminal.handle(Terminal.Signal.WINCH, before) }
    }

    /** Of a terminal "nothing typed" and "no more" look the same; at the second, the system ends its programs. */
    override fun read(into: ByteArray): Int = maxOf(0, keys.read(into))

    override fun write(
        data: ByteArray,
        count: Int,
    ): Unit = screen.write(data, 0, count)

    companion object {
        fun open(): SystemTerminal =
            try {
                SystemTerminal(TerminalBuilder.builder().system(true).dumb(false).build())
            } catch (e: IOException) {
                throw noTerminal(e)
            } catch (e: IllegalStateException) {
                throw noTerminal(e)
            }

        private fun noTerminal(cause: Exception) =
            UnsupportedOperationException("this program does not run in a terminal that it could attach a process to", cause)
    }
}
