package dev.sluice.net.faults

import dev.sluice.Connection
import dev.sluice.net.eventually
import dev.sluice.net.interop.Peer
import dev.sluice.net.tls.serverTls
import dev.sluice.process.StreamProcess
import dev.sluice.tls.TlsOptions
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import java.io.ByteArrayOutputStream
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path

/** The peer, in the hands of the test. Each kind can do what its faults ask for. */
internal abstract class OtherEnd {
    /** Sends [THEIRS], unless it does so by itself. */
    open suspend fun begin(): Unit = Unit

    /** Takes [count] bytes, if it matters who has them. */
    open suspend fun take(count: Int): Unit = Unit

    open suspend fun shakeHands(): Unit = cannot()

    /** Takes everything until the end, and ends itself. */
    open suspend fun receiveAll(stage: Stage): ByteArray = cannot()

    open suspend fun endOutput(): Unit = cannot()

    open suspend fun reset(): Unit = cannot()

    open suspend fun throwInHandler(): Unit = cannot()

    open suspend fun kill(): Unit = cannot()

    private fun cannot(): Nothing = error("$this can't do that")
}

/** While nobody answers: what fails is the place that was connected to. */
internal object Nobody : OtherEnd() {
    override suspend fun reset(): Unit = Unit
}

/** Another connection of this program. */
internal open class StreamPeer(
    val connection: Connection,
) : OtherEnd() {
    override suspend fun begin() {
        connection.writer.write(THEIRS)
        connection.writer.drain()
    }

    override suspend fun take(count: Int) {
        connection.reader.readExactly(count)
    }

    override suspend fun shakeHands(): Unit = connection.startTls(theirTls())

    override suspend fun receiveAll(stage: Stage): ByteArray {
        val received = ByteArrayOutputStream()
        // What was taken before, and how it ends, is not what is looked at.
        try {
            connection.reader.chunks().collect(received::writeBytes)
        } catch (_: IOException) {
            // The bytes count.
        }
        connection.close()
        return received.toByteArray()
    }

    override suspend fun endOutput(): Unit = connection.writer.writeEof()

    override suspend fun reset(): Unit = connection.abort()
}

internal fun theirTls(): TlsOptions = serverTls { role = TlsOptions.Role.SERVER }

/** A program of CPython that holds a socket; see [PYTHON_PEER]. */
internal class PythonPeer(
    private val program: Peer,
) : OtherEnd() {
    override suspend fun take(count: Int) {
        program.line()
    }

    override suspend fun kill(): Unit = withContext(Dispatchers.IO) { program.kill() }
}

/** A child, which runs [CHILD_SCRIPT]. */
internal class ChildPeer(
    private val process: StreamProcess,
    private val signal: Path,
    private val received: Path,
) : OtherEnd() {
    private var goesOn = false

    /** It ends its output, and takes its input. */
    override suspend fun endOutput() {
        goesOn = true
        withContext(Dispatchers.IO) { Files.writeString(signal, "\n") }
    }

    override suspend fun receiveAll(stage: Stage): ByteArray {
        if (!goesOn) endOutput()
        stage.ended.join()
        val count = stage.sent.size()
        if (stage.cell.carrier == Carrier.PIPES) {
            process.awaitExit() shouldBe 0
            return Files.readAllBytes(received)
        }
        // To a program that takes what is typed as it is, the end of the input is two more bytes.
        eventually("the child has taken everything") { Files.exists(received) && Files.size(received) >= count }
        return Files.readAllBytes(received).copyOf(count)
    }

    override suspend fun kill() {
        process.kill()
        process.awaitExit() shouldBe KILLED
    }

    private companion object {
        const val KILLED = 137
    }
}

/** Its arguments: what to say, a pipe to be told by when to go on, a file for what it takes, and how to copy. */
internal val CHILD_SCRIPT =
    """
    mkfifo "$2"
    if test -t 0; then stty raw -echo; fi
    printf %s "$1" | $4 2>/dev/null
    read go <"$2"
    exec $4 >"$3" 2>/dev/null
    """.trimIndent()

/**
 * Its arguments: what to do, an address, what to say, and how many bytes to take before it tells that it has. What it does not
 * take stays with the system.
 */
internal val PYTHON_PEER =
    """
    import select, socket, ssl, sys
    role, address, words, count = sys.argv[1:]
    if "/" in address:
        family = socket.AF_UNIX
    else:
        family = socket.AF_INET
        host, port = address.rsplit(":", 1)
        address = (host, int(port))
    here = socket.socket(family)
    waiting = []
    if role == "listen":
        here.bind(address)
        here.listen(0)
        while True:
            client = socket.socket(family)
            client.setblocking(False)
            waiting.append(client)
            try:
                client.connect(here.getsockname())
            except BlockingIOError:
                if family == socket.AF_UNIX or not select.select([], [client], [], 0.2)[1]:
                    break
        name = here.getsockname()
        print(name if family == socket.AF_UNIX else "%s:%d" % name, flush=True)
    else:
        here.connect(address)
        if role == "tls":
            here = ssl._create_unverified_context().wrap_socket(here)
        here.sendall(words.encode())
        left = int(count)
        while left:
            left -= len(here.recv(left))
        print("taken", flush=True)
    sys.stdin.read()
    """.trimIndent()
