package dev.sluice.net

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
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
                    val busy = CountDownLatch(1)
                    loop.execute(busy::await)
                    val transport = ChannelTransport(channel, loop)
                    transport.abort()
                    busy.countDown()
                    transport.closing!!.released.join()
                    withContext(loop) { }
                    failures.toList().shouldBeEmpty()
                }
            }
        }
    })
