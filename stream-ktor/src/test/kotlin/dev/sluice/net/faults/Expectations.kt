package dev.sluice.net.faults

import dev.sluice.CloseTimeoutException
import dev.sluice.ConnectTimeoutException
import dev.sluice.ConnectionResetException
import dev.sluice.IncompleteReadException
import dev.sluice.StreamClosedException
import dev.sluice.TlsHandshakeTimeoutException
import dev.sluice.TlsTruncatedException
import dev.sluice.WriteLimitException
import dev.sluice.net.faults.Carrier.Companion.ALL
import dev.sluice.net.faults.Carrier.Companion.IN_MEMORY
import dev.sluice.net.faults.Carrier.Companion.ON_SOCKETS
import dev.sluice.net.faults.Carrier.Companion.PROCESSES
import dev.sluice.net.faults.Carrier.Companion.TLS
import dev.sluice.net.faults.Carrier.Companion.TLS_SOCKETS
import dev.sluice.net.faults.Carrier.MEMORY
import dev.sluice.net.faults.Carrier.PTY
import dev.sluice.net.faults.Carrier.TCP
import dev.sluice.net.faults.Carrier.TLS_MEMORY
import dev.sluice.net.faults.Carrier.TLS_TCP
import dev.sluice.net.faults.Carrier.TLS_UNIX
import dev.sluice.net.faults.Carrier.UNIX
import dev.sluice.net.faults.Fault.CANCEL
import dev.sluice.net.faults.Fault.CLOSED_ELSEWHERE
import dev.sluice.net.faults.Fault.HALF_CLOSE
import dev.sluice.net.faults.Fault.HANDLER_THROWS
import dev.sluice.net.faults.Fault.KILLED
import dev.sluice.net.faults.Fault.LOOP_CLOSED
import dev.sluice.net.faults.Fault.ONE_BYTE
import dev.sluice.net.faults.Fault.RESET
import dev.sluice.net.faults.Fault.SHORT
import dev.sluice.net.faults.Fault.STALL
import dev.sluice.net.faults.Moment.CLOSING
import dev.sluice.net.faults.Moment.CONNECTING
import dev.sluice.net.faults.Moment.DRAINING
import dev.sluice.net.faults.Moment.HANDSHAKE
import dev.sluice.net.faults.Moment.READING
import dev.sluice.net.faults.Moment.WRITING
import kotlinx.coroutines.CancellationException
import java.net.ConnectException
import javax.net.ssl.SSLHandshakeException

private val IN_PIECES = setOf(SHORT, ONE_BYTE)
private val ANY_FAULT = Fault.entries.toSet()

/** What the documentation promises, cell by cell: there is exactly one rule for each. */
internal val EXPECTATIONS: List<Rule> =
    at(CONNECTING) {
        rule(RESET, ON_SOCKETS, fails<ConnectException>().withoutBytes)
        rule(STALL, ON_SOCKETS, fails<ConnectTimeoutException>().withoutBytes)
        rule(CANCEL, ON_SOCKETS + PROCESSES, fails<CancellationException>().withoutBytes)
        rule(LOOP_CLOSED, ON_SOCKETS, fails<StreamClosedException>().withoutBytes)
        rule(KILLED, ON_SOCKETS, fails<ConnectException>().withoutBytes)

        never(IN_PIECES + HALF_CLOSE, ON_SOCKETS, "no byte flows before there is a connection")
        never(CLOSED_ELSEWHERE, ON_SOCKETS, "nobody has the connection yet")
        never(HANDLER_THROWS, ON_SOCKETS, "a handler begins when the connection is there")
        never(ANY_FAULT, IN_MEMORY, "memory is connected from the start")
        never(ANY_FAULT - CANCEL, PROCESSES, "a process is started, and not connected to")
    } +
        at(HANDSHAKE) {
            rule(RESET, setOf(TLS_MEMORY, TLS_TCP), fails<ConnectionResetException>().withoutBytes)
            // Of a Unix socket that is aborted its peer sees an ordinary end.
            rule(RESET, setOf(TLS_UNIX), fails<SSLHandshakeException>().withoutBytes)
            rule(STALL, TLS, fails<TlsHandshakeTimeoutException>().withoutBytes)
            rule(HALF_CLOSE, TLS, fails<SSLHandshakeException>().withoutBytes)
            rule(IN_PIECES, TLS, completes)
            rule(CLOSED_ELSEWHERE, TLS, fails<StreamClosedException>().withoutBytes)
            rule(CANCEL, TLS, fails<CancellationException>().withoutBytes)
            rule(LOOP_CLOSED, TLS_SOCKETS, fails<StreamClosedException>().withoutBytes)
            rule(HANDLER_THROWS, TLS_SOCKETS, fails<SSLHandshakeException>().withoutBytes)
            rule(KILLED, TLS_SOCKETS, fails<SSLHandshakeException>().withoutBytes)

            never(ANY_FAULT, ALL - TLS, "only TLS shakes hands")
        } +
        at(READING) {
            rule(RESET, setOf(MEMORY, TCP, TLS_MEMORY, TLS_TCP), fails<ConnectionResetException>())
            rule(RESET, setOf(UNIX), fails<IncompleteReadException>())
            rule(RESET, setOf(TLS_UNIX), fails<TlsTruncatedException>())
            rule(STALL, ALL, waits)
            rule(HALF_CLOSE, ALL - PTY, fails<IncompleteReadException>())
            rule(IN_PIECES, ALL, completes)
            rule(CLOSED_ELSEWHERE, ALL, fails<StreamClosedException>().withoutBytes)
            rule(CANCEL, ALL, fails<CancellationException>())
            rule(LOOP_CLOSED, ON_SOCKETS, fails<StreamClosedException>())
            rule(HANDLER_THROWS, ON_SOCKETS, fails<IncompleteReadException>())
            // The system closes the sockets of the dead: only TLS can tell that from an end.
            rule(KILLED, setOf(TCP, UNIX) + PROCESSES, fails<IncompleteReadException>())
            rule(KILLED, TLS_SOCKETS, fails<TlsTruncatedException>())
        } +
        at(WRITING) {
            rule(RESET, ON_SOCKETS + IN_MEMORY, fails<ConnectionResetException>().withoutBytes)
            rule(STALL, ALL, fails<WriteLimitException>())
            rule(HALF_CLOSE, ALL - PTY, completes)
            rule(IN_PIECES, ALL, completes)
            rule(CLOSED_ELSEWHERE, ALL, fails<StreamClosedException>())
            rule(LOOP_CLOSED, ON_SOCKETS, fails<StreamClosedException>())
            rule(HANDLER_THROWS, ON_SOCKETS, fails<ConnectionResetException>().withoutBytes)
            rule(KILLED, ON_SOCKETS + PROCESSES, fails<ConnectionResetException>().withoutBytes)

            never(CANCEL, ALL, "a write never waits")
        } +
        at(DRAINING) {
            rule(STALL, ALL, waits)
        } +
        at(CLOSING) {
            rule(STALL, ALL - PROCESSES, fails<CloseTimeoutException>().withoutBytes)

            never(STALL, PROCESSES, "it takes the 30 seconds of a closeTimeout that has no option")
        } +
        at(DRAINING, CLOSING) {
            rule(RESET, ON_SOCKETS + IN_MEMORY, fails<ConnectionResetException>().withoutBytes)
            rule(HALF_CLOSE, ALL - PTY, completes)
            rule(IN_PIECES, ALL, completes)
            rule(CLOSED_ELSEWHERE, ALL, completes)
            rule(CANCEL, ALL, fails<CancellationException>())
            rule(LOOP_CLOSED, ON_SOCKETS, fails<StreamClosedException>().withoutBytes)
            rule(HANDLER_THROWS, setOf(TCP, UNIX), fails<ConnectionResetException>().withoutBytes)
            // An end of TLS waits for the other side's, and drops what comes before that.
            rule(HANDLER_THROWS, TLS_SOCKETS, completes.withoutBytes)
            rule(KILLED, ON_SOCKETS + PROCESSES, fails<ConnectionResetException>().withoutBytes)
        } +
        at(READING, WRITING, DRAINING, CLOSING) {
            never(RESET, PROCESSES, "pipes and terminals know no reset")
            never(HALF_CLOSE, setOf(PTY), "a terminal ends in both directions or in none")
            never(LOOP_CLOSED, IN_MEMORY + PROCESSES, "no event loop drives it")
            never(HANDLER_THROWS, IN_MEMORY + PROCESSES, "it has no server, and so no handler")
            never(KILLED, IN_MEMORY, "both ends are in one process")
        } +
        at(HANDSHAKE) {
            never(LOOP_CLOSED, setOf(TLS_MEMORY), "no event loop drives it")
            never(HANDLER_THROWS, setOf(TLS_MEMORY), "it has no server, and so no handler")
            never(KILLED, setOf(TLS_MEMORY), "both ends are in one process")
        }
