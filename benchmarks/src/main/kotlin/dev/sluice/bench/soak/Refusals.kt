package dev.sluice.bench.soak

import dev.sluice.ConnectTimeoutException
import dev.sluice.Connection
import dev.sluice.net.ConnectOptions
import dev.sluice.net.openConnection
import dev.sluice.net.openUnixConnection
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import java.net.ConnectException
import java.nio.file.NoSuchFileException
import javax.net.ssl.SSLException
import kotlin.random.Random
import kotlin.time.Duration.Companion.milliseconds

/** Connections that never come about. */
internal fun refusals(places: Places): List<Exercise> {
    val hasty = ConnectOptions { connectTimeout = 30.milliseconds }
    val secure = ConnectOptions { tls = places.security.client }
    val strange = ConnectOptions { tls = places.security.stranger }
    return listOf(
        Exercise("TCP: refused") { expectFailure<ConnectException> { openConnection(HOST, places.refusingPort) } },
        Exercise("TCP: a full backlog until the connect timeout") {
            expectFailure<ConnectTimeoutException> { openConnection(HOST, places.crowdedPort, hasty) }
        },
        Exercise("TCP: a connect is cancelled") { cancelConnect(places.crowdedPort, it) },
        Exercise("TCP: a connect that succeeds is cancelled") { cancelConnect(places.echoPort, it) },
        Exercise("Unix: nothing there") { expectFailure<NoSuchFileException> { openUnixConnection(places.nothing) } },
        Exercise("Unix: no socket") { expectFailure<ConnectException> { openUnixConnection(places.file) } },
        Exercise("TLS: not trusted") { expectFailure<SSLException> { openConnection(HOST, places.tlsPort, strange) } },
        Exercise("TLS: a server that speaks none") {
            expectFailure<SSLException> { openConnection(HOST, places.echoPort, secure) }
        },
        Exercise("TLS: a client that leaves before the handshake") { openConnection(HOST, places.tlsPort).closedAfter {} },
    )
}

private suspend fun cancelConnect(
    port: Int,
    random: Random,
) = coroutineScope {
    // Not the result of an async: one that is cancelled at the last moment drops it.
    var opened: Connection? = null
    val connecting = launch { opened = openConnection(HOST, port) }
    delay(random.nextInt(5).milliseconds)
    connecting.cancelAndJoin()
    opened?.closedAfter {}
}
