package dev.sluice.net

import dev.sluice.Connection
import dev.sluice.testing.checkHalfCloseableStream
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.ktor.network.selector.SelectorManager
import io.ktor.network.sockets.InetSocketAddress
import io.ktor.network.sockets.ServerSocket
import io.ktor.network.sockets.Socket
import io.ktor.network.sockets.aSocket
import kotlinx.coroutines.Dispatchers

internal class KtorSocketsTest :
    FunSpec({
        test("x a Ktor socket on Ktor's selector") {
            leavingNothing {
                val selector = SelectorManager(Dispatchers.IO)
                val server = aSocket(selector).tcp().bind("127.0.0.1", 0)
                val (a, b) = socketPair(selector, server)
                val left = a.asConnection()
                val right = b.asConnection()
                left.writer.write("ping\n")
                right.reader.readLine() shouldBe "ping"
                left.close()
                right.close()
                left.awaitClosed()
                right.awaitClosed()
                kotlinx.coroutines.delay(2000)
                println("XX before server close " + openSockets())
                server.close()
                kotlinx.coroutines.delay(1000)
                println("XX after server close " + openSockets())
                selector.close()
                kotlinx.coroutines.delay(1000)
                println("XX after selector close " + openSockets())
            }
        }
        test("x plain Ktor") {
            leavingNothing {
                val selector = SelectorManager(Dispatchers.IO)
                val server = aSocket(selector).tcp().bind("127.0.0.1", 0)
                println("XX2 start " + openSockets())
                val (a, b) = socketPair(selector, server)
                println("XX2 open " + openSockets())
                a.close()
                b.close()
                kotlinx.coroutines.delay(2000)
                println("XX2 before server close " + openSockets())
                server.close()
                kotlinx.coroutines.delay(1000)
                println("XX2 after server close " + openSockets())
                selector.close()
                kotlinx.coroutines.delay(1000)
                println("XX2 after selector close " + openSockets())
            }
        }
    })

internal suspend fun socketPair(
    selector: SelectorManager,
    server: ServerSocket,
): Pair<Socket, Socket> {
    val left = aSocket(selector).tcp().connect(server.localAddress as InetSocketAddress)
    return left to server.accept()
}
