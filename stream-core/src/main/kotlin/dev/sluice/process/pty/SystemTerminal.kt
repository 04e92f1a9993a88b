@file:NotOnAndroid

package dev.sluice.process.pty

import dev.sluice.NotOnAndroid
import dev.sluice.process.EndsWithProgram
import dev.sluice.process.LocalTerminal
import dev.sluice.process.PtySize
import org.jline.terminal.Attributes
import org.jline.terminal.Attributes.ControlChar
import org.jline.terminal.Attributes.InputFlag
import org.jline.terminal.Attributes.LocalFlag
import org.jline.terminal.Attributes.OutputFlag
import org.jline.terminal.impl.exec.ExecTerminalProvider
import org.jline.terminal.spi.Pty
import org.jline.terminal.spi.SystemStream
import org.jline.utils.Signals
import java.io.FileDescriptor
import java.io.FileInputStream
import java.io.FileOutputStream
import java.io.IOException
import java.util.EnumSet

/**
 * The terminal of this program. JLine knows its modes and its size; of JLine's own terminals each has a thread that reads keys ahead, and would
 * take some from the process, and from whoever reads after it.
 */
@NotOnAndroid
internal class SystemTerminal private constructor(
    private val terminal: Pty,
) : LocalTerminal {
    private val keys = FileInputStream(FileDescriptor.`in`)
    private val screen = FileOutputStream(FileDescriptor.out)

    override val size: PtySize?
        get() = terminal.size.takeIf { it.columns > 0 && it.rows > 0 }?.let { PtySize(it.columns, it.rows) }

    override fun enterRawMode(): AutoCloseable {
        val restoring = Restoring(terminal, terminal.attr)
        // Also where this program is told to end meanwhile.
        EndsWithProgram.add(restoring)
        terminal.attr = rawFrom(terminal.attr)
        return restoring
    }

    private class Restoring(
        private val terminal: Pty,
        private val before: Attributes,
    ) : AutoCloseable {
        override fun close() {
            EndsWithProgram.remove(this)
            terminal.attr = before
        }
    }

    private fun rawFrom(before: Attributes) =
        Attributes(before).apply {
            setLocalFlags(EnumSet.of(LocalFlag.ICANON, LocalFlag.ECHO, LocalFlag.IEXTEN, LocalFlag.ISIG), false)
            setInputFlags(
                EnumSet.of(InputFlag.IXON, InputFlag.ICRNL, InputFlag.INLCR, InputFlag.IGNCR, InputFlag.ISTRIP, InputFlag.BRKINT),
                false,
            )
            setOutputFlags(EnumSet.of(OutputFlag.OPOST), false)
            // A read comes back without a key after a tenth of a second, so that none is in the way when attaching ends.
            setControlChar(ControlChar.VMIN, 0)
            setControlChar(ControlChar.VTIME, 1)
        }

    override fun onResize(listener: Runnable): AutoCloseable {
        val before = Signals.register(RESIZED, listener)
        return AutoCloseable { Signals.unregister(RESIZED, before) }
    }

    /** Of a terminal "nothing typed" and "no more" look the same; at the second, the system ends its programs. */
    override fun read(into: ByteArray): Int = maxOf(0, keys.read(into))

    override fun write(
        data: ByteArray,
        count: Int,
    ): Unit = screen.write(data, 0, count)

    companion object {
        private const val RESIZED = "WINCH"

        fun open(): SystemTerminal =
            try {
                val provider = ExecTerminalProvider()
                if (!provider.isSystemStream(SystemStream.Input)) throw IOException("the standard input is no terminal")
                SystemTerminal(provider.current(SystemStream.Output))
            } catch (e: IOException) {
                throw UnsupportedOperationException(
                    "this program does not run in a terminal that a process could be attached to",
                    e,
                )
            }
    }
}
