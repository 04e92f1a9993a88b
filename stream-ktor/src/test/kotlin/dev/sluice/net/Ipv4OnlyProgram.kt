package dev.sluice.net

import dev.sluice.InfoKey
import kotlinx.coroutines.runBlocking

/** What connecting comes to in a JVM that is told to have no IPv6: a line for each case, for [Ipv4OnlyTest] to read. */
internal fun main(): Unit =
    runBlocking {
        ListeningPort().use { server ->
            fun over(
                which: AddressFamily,
                found: Resolver?,
            ) = ConnectOptions {
                family = which
                resolver = found
            }

            suspend fun told(
                case: String,
                host: String,
                options: ConnectOptions,
            ) {
                val what =
                    try {
                        val connection = openConnection(host, server.port, options)
                        connection.info[InfoKey.PeerAddress].toString().also { connection.abort() }
                    } catch (e: Exception) {
                        "$e"
                    }
                println("$case: " + what.replace(":${server.port}", ":PORT"))
            }
            told("address", "::1", over(AddressFamily.IPV6, null))
            told("name", "localhost", over(AddressFamily.IPV6, null))
            told("race", "db", over(AddressFamily.ANY, always("::1", "127.0.0.1")))
            told("lost race", "db", over(AddressFamily.IPV6, always("::1", "::2")))
        }
    }
