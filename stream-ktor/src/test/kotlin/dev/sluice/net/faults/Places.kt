package dev.sluice.net.faults

import dev.sluice.net.RefusingPort
import dev.sluice.net.SilentPath
import dev.sluice.net.SilentPort
import dev.sluice.net.SocketKind
import dev.sluice.net.UnixSockets
import dev.sluice.process.ProcessOptions
import dev.sluice.process.PtySize
import dev.sluice.process.startProcess
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import java.nio.file.Path

/** Connecting to what neither accepts nor refuses, or starting a process. */
internal suspend fun Stage.connecting(): suspend () -> Unit {
    val kind = cell.carrier.socket
    if (kind == null) {
        val options = ProcessOptions { if (cell.carrier == Carrier.PTY) pty = PtySize(80, 24) }
        return { startProcess("sleep", "1000", options = options).close() }
    }
    val address =
        when (cell.fault) {
            Fault.RESET -> refusing(kind)
            Fault.KILLED -> silentPython(kind)
            else -> silent(kind)
        }
    return { kind.open(address, connectOptions()).abort() }
}

/** The system answers for a listener that is gone. */
private suspend fun Stage.refusing(kind: SocketKind): String =
    when (kind) {
        SocketKind.TCP -> "127.0.0.1:${RefusingPort().openUntilEnd(this).port}"
        SocketKind.UNIX -> place.also { UnixSockets.bind(otherLoops.next(), Path.of(it), 1).close() }
    }

private suspend fun Stage.silent(kind: SocketKind): String =
    when (kind) {
        SocketKind.TCP -> "127.0.0.1:${withContext(Dispatchers.IO) { SilentPort() }.openUntilEnd(this).port}"
        SocketKind.UNIX -> place.also { SilentPath.at(Path.of(it), otherLoops.next()).openUntilEnd(this) }
    }

private suspend fun Stage.silentPython(kind: SocketKind): String {
    val program = pythonPeer("listen", if (kind == SocketKind.UNIX) place else "127.0.0.1:0", "", 0)
    peer = PythonPeer(program)
    return program.line()
}

private fun <T : AutoCloseable> T.openUntilEnd(stage: Stage): T = also { stage.closing(it::close) }
