package dev.sluice.net

import dev.sluice.AllAddressesFailedException
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldNotBeEmpty
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import java.io.File
import java.net.ConnectException
import kotlin.time.Duration.Companion.milliseconds

internal class ConnectLeavesNothingTest :
    FunSpec({
        val countable = File("/proc/self/fd").isDirectory

        test("pain 5, C-052 thousands of connects, refusals, cancellations and closes leave no descriptor")
            .config(enabledOrReasonIf = onlyWhere(countable, "this system does not show a process's descriptors")) {
                SilentPort().use { silent ->
                    ListeningPort("127.0.0.2", silent.port).use { server ->
                        leavingNothing {
                            EventLoops(2, "thousands").use { loops ->
                                openSockets().shouldNotBeEmpty()
                                repeat(ROUNDS) { Round(silent.port, server, loops).run() }
                            }
                        }
                    }
                }
            }

        test("C-049, C-052 a race that is won leaves nothing open but the winner's channel")
            .config(enabledOrReasonIf = onlyWhere(countable, "this system does not show a process's descriptors")) {
                SilentPort().use { silent ->
                    ListeningPort("127.0.0.2", silent.port).use { server ->
                        EventLoops(1, "winner").use { loops ->
                            withContext(loops.next()) {
                                val before = openSockets().toSet()
                                val options =
                                    ConnectOptions {
                                        resolver = always("127.0.0.1", "127.0.0.2")
                                        happyEyeballsDelay = 1.milliseconds
                                    }
                                val connection = openConnection("db", silent.port, options)
                                eventually("the loser's descriptor is gone") { (openSockets() - before).size == 1 }
                                connection.abort()
                                server.acceptNow()?.close()
                            }
                        }
                    }
                }
            }
    })

private const val ROUNDS = 500

/** Four ends of a connect: a connection that is closed, one that is cut, a refusal, a cancellation; each of one address or several. */
private class Round(
    private val silentPort: Int,
    private val server: ListeningPort,
    private val loops: EventLoops,
) {
    suspend fun run() {
        closed()
        cut()
        refused()
        cancelled()
    }

    private fun to(vararg digits: String) =
        ConnectOptions {
            eventLoops = loops
            resolver = always(*digits)
            happyEyeballsDelay = 1.milliseconds
        }

    private suspend fun closed() {
        val connection = openConnection("db", server.port, to("127.77.0.1", "127.0.0.2"))
        server.accept().close()
        connection.close()
        connection.awaitClosed()
    }

    private suspend fun cut() {
        val connection = openConnection("127.0.0.2", server.port, to())
        connection.abort()
        server.accept().close()
    }

    private suspend fun refused() {
        shouldThrow<ConnectException> { openConnection("127.77.0.1", silentPort, to()) }
        shouldThrow<AllAddressesFailedException> { openConnection("db", silentPort, to("127.77.0.1", "127.77.0.2")) }
    }

    private suspend fun cancelled() {
        coroutineScope {
            val dispatcher = loops.next()
            val plain = launch(dispatcher) { openConnection("127.0.0.1", silentPort, to()) }
            val racing = launch(Dispatchers.Unconfined) { openConnection("db", silentPort, to("127.0.0.1", "127.77.0.1")) }
            plain.cancelAndJoin()
            racing.cancelAndJoin()
        }
    }
}

private fun onlyWhere(
    holds: Boolean,
    reason: String,
): (io.kotest.core.test.TestCase) -> io.kotest.core.test.Enabled =
    {
        if (holds) {
            io.kotest.core.test.Enabled.enabled
        } else {
            io.kotest.core.test.Enabled
                .disabled(reason)
        }
    }
