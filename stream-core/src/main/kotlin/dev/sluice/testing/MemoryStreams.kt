package dev.sluice.testing

import dev.sluice.Connection
import dev.sluice.transport.Transport

/**
 * Two connections that are connected to each other in memory: both ends of a protocol in one test, without a network.
 *
 * ```kotlin
 * val (client, server) = memoryStreamPair()
 * client.writer.write("ping\n")
 * client.writer.drain()
 * check(server.reader.readLine() == "ping")
 * ```
 * The transports under them are those of [memoryTransportPair].
 *
 * @param capacity how many bytes each direction holds, besides what the writer keeps, before `drain()` has to wait
 * @param chunking in what pieces the bytes arrive at the readers
 */
public fun memoryStreamPair(
    capacity: Int = DEFAULT_CAPACITY,
    chunking: Chunking = Chunking.AsItComes,
): Pair<Connection, Connection> = memoryTransportPair(capacity, chunking).toConnections()

/**
 * Two connected connections with no buffer between them: `drain()` doesn't return before the other side reads.
 *
 * ```kotlin
 * val (client, server) = lockstepStreamPair()
 * client.writer.write("ping\n")
 * val sent = async { client.writer.drain() }      // waits
 * check(server.reader.readLine() == "ping")       // for this
 * sent.await()
 * ```
 * The transports under them are those of [lockstepTransportPair].
 */
public fun lockstepStreamPair(): Pair<Connection, Connection> = lockstepTransportPair().toConnections()

private fun Pair<Transport, Transport>.toConnections() = Connection(first) to Connection(second)
