package dev.sluice.net.tls

import dev.sluice.net.EventLoop
import dev.sluice.net.SocketKind
import dev.sluice.net.withLoop
import dev.sluice.testing.checkHalfCloseableStream
import dev.sluice.testing.checkTwoWayStream
import dev.sluice.tls.TlsOptions
import dev.sluice.tls.withTls
import dev.sluice.transport.Transport
import io.kotest.core.spec.style.FunSpec
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.withContext
import kotlin.time.Duration.Companion.milliseconds

internal class TlsContractTest :
    FunSpec({
        for (kind in SocketKind.entries) {
            test("TLS 1.3 over $kind keeps the contract of all transports") {
                withLoop { loop -> checkHalfCloseableStream { kind.secured(loop, TLS_1_3) } }
            }
            test("TLS 1.2 over $kind keeps the contract of all transports") {
                withLoop { loop -> checkTwoWayStream { kind.secured(loop, TLS_1_2) } }
            }
            test("TLS 1.3 over $kind keeps it also for callers on its own loop") {
                withLoop { loop -> withContext(loop) { checkHalfCloseableStream { kind.secured(loop, TLS_1_3) } } }
            }
            test("TLS 1.2 over $kind keeps it also for callers on its own loop") {
                withLoop { loop -> withContext(loop) { checkTwoWayStream { kind.secured(loop, TLS_1_2) } } }
            }
        }
    })

private suspend fun SocketKind.secured(
    loop: EventLoop,
    version: String,
): Pair<Transport, Transport> {
    val (client, server) = transports(loop)
    return coroutineScope {
        val serving =
            async {
                server.withTls(
                    serverTls {
                        role = TlsOptions.Role.SERVER
                        quickly(version)
                    },
                )
            }
        val connected =
            client.withTls(
                clientTls {
                    serverHostname = "localhost"
                    role = TlsOptions.Role.CLIENT
                    quickly(version)
                },
            )
        connected to serving.await()
    }
}

/** A peer that has closed hears what still comes for as long as its shutdownTimeout: here not long, for the kit waits for the refusal. */
private fun TlsOptions.Builder.quickly(version: String) {
    protocols = listOf(version)
    shutdownTimeout = 100.milliseconds
}
