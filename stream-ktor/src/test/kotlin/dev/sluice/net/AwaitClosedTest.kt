package dev.sluice.net

import dev.sluice.Connection
import dev.sluice.ConnectionResetException
import dev.sluice.StreamClosedException
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import kotlinx.coroutines.CoroutineStart.UNDISPATCHED
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import java.net.StandardSocketOptions
import java.nio.channels.SocketChannel
import kotlin.coroutines.resume
import kotlin.time.Duration.Companion.seconds

/** When `awaitClosed()` has returned the descriptor is gone, and not some turns of a selector later. */
internal class AwaitClosedTest :
    FunSpec({
        beforeSpec { openWhatStays() }

        for (kind in SocketKind.entries) {
            for (end in End.entries) {
                test("J-018 awaitClosed() after $end over $kind returns when the descriptor is gone") {
                    withLoop { loop ->
                        repeat(ROUNDS) {
                            kind.leavesNothing(loop) { connection, peer ->
                                peer.close()
                                end.happen(connection, loop)
                                connection.awaitClosed()
                            }
                        }
                    }
                }
            }

            test("J-018 awaitClosed() after abort() over $kind, with a read that waits, returns when the descriptor is gone") {
                withLoop { loop ->
                    repeat(ROUNDS) {
                        kind.leavesNothing(loop) { connection, _ ->
                            coroutineScope {
                                val reading = launch(start = UNDISPATCHED) { runCatching { connection.reader.read(1) } }
                                connection.abort()
                                connection.awaitClosed()
                                reading.join()
                            }
                        }
                    }
                }
            }

            test("J-018 awaitClosed() over $kind does while the loop is being closed, before or after the connection") {
                for (closesFirst in listOf(true, false)) {
                    repeat(ROUNDS / 2) {
                        withLoops { loops ->
                            kind.leavesNothing(loops.next()) { connection, _ ->
                                if (closesFirst) loops.close()
                                connection.abort()
                                if (!closesFirst) loops.close()
                                if (closesFirst) {
                                    shouldThrow<StreamClosedException> { connection.awaitClosed() }
                                } else {
                                    connection.awaitClosed()
                                }
                            }
                        }
                    }
                }
            }
        }

        test("J-018 awaitClosed() after a reset by the peer and a close() returns when the descriptor is gone") {
            withLoop { loop ->
                repeat(ROUNDS) {
                    SocketKind.TCP.leavesNothing(loop) { connection, peer ->
                        peer.setOption(StandardSocketOptions.SO_LINGER, 0)
                        peer.close()
                        shouldThrow<ConnectionResetException> { connection.reader.read(1) }
                        connection.close()
                        shouldThrow<ConnectionResetException> { connection.awaitClosed() }
                    }
                }
            }
        }
    })

private enum class End(
    val happen: suspend (Connection, EventLoop) -> Unit,
) {
    CLOSE({ connection, _ -> connection.close() }),
    ABORT({ connection, _ -> connection.abort() }),
    ABORT_ON_THE_LOOP({ connection, loop -> withContext(loop) { connection.abort() } }),
}

private const val ROUNDS = 100

/** Calls [end] with a new connection, of which no descriptor may be left at the moment in which that returns. */
private suspend fun SocketKind.leavesNothing(
    loop: EventLoop,
    end: suspend (Connection, SocketChannel) -> Unit,
) {
    val before = openSockets().toSet()
    val (connection, peer) = connectionAndPeer(loop)
    // What the two were made with is gone then.
    loop.comeRound()
    withTimeout(30.seconds) { end(connection, peer) }
    peer.close()
    (openSockets() - before).shouldBeEmpty()
}

private suspend fun EventLoop.comeRound(): Unit = suspendCancellableCoroutine { afterSelection { it.resume(Unit) } }
