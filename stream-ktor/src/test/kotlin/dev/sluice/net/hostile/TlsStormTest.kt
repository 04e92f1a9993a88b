package dev.sluice.net.hostile

import dev.sluice.net.echo
import dev.sluice.net.eventually
import dev.sluice.net.port
import dev.sluice.net.tls.authority
import dev.sluice.net.tls.clientHello
import dev.sluice.net.tls.mustEcho
import dev.sluice.net.tls.serverTls
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import java.net.Socket
import java.util.concurrent.atomic.AtomicBoolean
import kotlin.time.Duration.Companion.seconds

private const val STALLED = 300
private const val AT_ONCE = 40

/** Handshakes that cost the server more than their clients, on the loop of others. */
internal class TlsStormTest : FunSpec({
    test("ClientHellos, whole or half, that nothing follows, and handshakes all at once hold up no neighbour, TLS or plain") {
        besideNeighbour({ tls = serverTls() }, ::echo) { server, plain ->
            Neighbour(tlsClient(server.port)).use { secure ->
                withAttackers(STALLED, server.port) { attackers ->
                    val hello = clientHello()
                    val half = hello.copyOf(hello.size / 2)
                    attackers.forEachIndexed { index, attacker -> attacker.send(if (index % 2 == 0) hello else half) }
                    eventually("all of them are there") { server.connections == STALLED + 1 }
                    plain.mustGetOn()
                    secure.mustGetOn()

                    val goesOn = AtomicBoolean(true)
                    withContext(Dispatchers.IO) {
                        repeat(AT_ONCE) { launch { do server.mustEcho() while (goesOn.get()) } }
                        plain.mustGetOn()
                        secure.mustGetOn()
                        goesOn.set(false)
                    }
                    eventually("those that were stalled still are") { server.connections == STALLED + 1 }
                }
                eventually("only the neighbour is left") { server.connections == 1 }
            }
        }
    }
})

private fun tlsClient(port: Int): Socket =
    authority.context().socketFactory.createSocket("localhost", port).apply {
        soTimeout = 30.seconds.inWholeMilliseconds.toInt()
    }
