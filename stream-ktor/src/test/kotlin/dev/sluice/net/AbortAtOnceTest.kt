package dev.sluice.net

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import java.net.InetSocketAddress
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.CountDownLatch

internal class AbortAtOnceTest :
    FunSpec({
        test("a connection that is aborted before its loop has come to it is no failure of the loop") {
            ListeningPort().use { server ->
                EventLoops(1, "abort-at-once").use { loops ->
                    val loop = loops.next()
                    val failures = ConcurrentLinkedQueue<Throwable>()
                    loop.thread.setUncaughtExceptionHandler { _, e -> failures += e }
                    val address = InetSocketAddress("127.0.0.1", server.port)
                    val channel = TcpConnecting(loop, "127.0.0.1", ConnectOptions.Default).connect(address)
                    // One turn is held up until the next one has all of this to do: it begins before the abort and comes to the
                    // new transport after it.
                    val held = CountDownLatch(1)
                    val turn = CountDownLatch(1)
                    val inTurn = CountDownLatch(1)
                    val aborted = CountDownLatch(1)
                    loop.execute {
                        held.countDown()
                        turn.await()
                    }
                    withContext(Dispatchers.IO) { held.await() }
                    loop.execute {
                        inTurn.countDown()
                        aborted.await()
                    }
                    val transport = ChannelTransport(channel, loop)
                    turn.countDown()
                    withContext(Dispatchers.IO) { inTurn.await() }
                    transport.abort()
                    aborted.countDown()
                    transport.closing!!.released.join()
                    withContext(loop) { }
                    failures.toList().shouldBeEmpty()
                }
            }
        }
    })
