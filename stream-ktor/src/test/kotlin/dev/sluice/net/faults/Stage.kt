package dev.sluice.net.faults

import dev.sluice.Connection
import dev.sluice.net.EventLoops
import dev.sluice.net.mustRead
import dev.sluice.net.tls.clientTls
import dev.sluice.net.tls.serverTls
import dev.sluice.tls.TlsOptions
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import java.io.ByteArrayOutputStream
import java.nio.file.Path
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

internal const val LOOP_NAME = "fault-loop"

/** Where one cell is played: all that it opens is its own, and is closed with it. */
internal class Stage(
    val cell: Cell,
    val folder: Path,
) {
    private val atEnd = ArrayDeque<suspend () -> Unit>()

    val scope = CoroutineScope(SupervisorJob() + Dispatchers.Default).also { made -> closing { made.cancel() } }

    /** Of this side. */
    val loops: EventLoops by lazy { EventLoops(1, "$LOOP_NAME-here").also { closing(it::close) } }

    /** Of the other side. */
    val otherLoops: EventLoops by lazy { EventLoops(1, "$LOOP_NAME-there").also { closing(it::close) } }

    lateinit var ours: Connection
        private set
    var peer: OtherEnd = Nobody

    /** What this side is doing when the fault comes. */
    lateinit var operation: Job

    /** The fault has come. */
    val struck = Job()

    /** The operation has ended. */
    val ended = Job()

    /** What the operation has read. */
    var received = ByteArray(0)

    /** All that this side has sent. */
    val sent = ByteArrayOutputStream()

    val connectTimeout: Duration = patienceWhile(Moment.CONNECTING)
    val closeTimeout: Duration = patienceWhile(Moment.CLOSING)
    val place: String get() = "$folder/socket"

    /** This side waits for a peer of CPython, and is the client of all others. */
    val ourTls: TlsOptions =
        if (cell.fault == Fault.KILLED && cell.moment != Moment.CONNECTING) {
            serverTls { handshakeTimeout = patienceWhile(Moment.HANDSHAKE) }
        } else {
            clientTls {
                role = TlsOptions.Role.CLIENT
                serverHostname = "localhost"
                handshakeTimeout = patienceWhile(Moment.HANDSHAKE)
            }
        }

    /** That of the moments that come after the handshake. */
    val tlsFromTheStart: TlsOptions? get() = ourTls.takeIf { cell.carrier.isTls && cell.moment != Moment.HANDSHAKE }

    /** Short where it is what ends the cell, and much longer than needed elsewhere. */
    private fun patienceWhile(moment: Moment): Duration =
        if (cell.fault == Fault.STALL && cell.moment == moment) 200.milliseconds else 30.seconds

    fun closing(step: suspend () -> Unit): Unit = atEnd.addFirst(step)

    suspend fun open() {
        val (connection, other) = connected()
        closing { connection.abort() }
        ours = connection
        peer = other
    }

    /** Both sides are there. */
    suspend fun begin() {
        open()
        peer.begin()
        ours.reader.readExactly(1) mustRead THEIRS.take(1)
    }

    fun send(bytes: ByteArray) {
        ours.writer.write(bytes)
        sent.writeBytes(bytes)
    }

    suspend fun close(): Unit = atEnd.forEach { it() }
}
