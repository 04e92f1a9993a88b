package dev.sluice.net

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.ktor.network.selector.SelectInterest
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.withTimeout
import java.nio.channels.ClosedChannelException
import java.nio.channels.IllegalBlockingModeException
import java.nio.channels.ServerSocketChannel
import java.nio.channels.SocketChannel
import java.util.concurrent.LinkedBlockingQueue
import kotlin.coroutines.CoroutineContext
import kotlin.time.Duration.Companion.seconds

internal class KtorSelectionTest :
    FunSpec({
        test("a select that was cancelled can be repeated at once") {
            onListener { listener ->
                coroutineScope {
                    repeat(100) {
                        launch(Dispatchers.Default, CoroutineStart.UNDISPATCHED) { listener.awaitClient() }.cancelAndJoin()
                    }
                    val waiting = async(Dispatchers.Default, CoroutineStart.UNDISPATCHED) { listener.awaitClient() }
                    SocketChannel.open(listener.address).use { withTimeout(30.seconds) { waiting.await() } }
                }
            }
        }

        test("a second select of the same kind is refused while the first one waits") {
            onListener { listener ->
                coroutineScope {
                    val first = launch(Dispatchers.Default, CoroutineStart.UNDISPATCHED) { listener.awaitClient() }
                    shouldThrow<IllegalStateException> { listener.awaitClient() }.message shouldContain "already registered"
                    first.cancel()
                }
            }
        }

        test("one that is cancelled after it was resumed does not take its successor along") {
            onListener { listener ->
                coroutineScope {
                    val held = HeldDispatcher()
                    val first = launch(held, CoroutineStart.UNDISPATCHED) { listener.awaitClient() }
                    SocketChannel.open(listener.address).use {
                        val resumption = held.next()
                        listener.accept()!!.close()
                        val second = async(Dispatchers.Default, CoroutineStart.UNDISPATCHED) { listener.awaitClient() }
                        first.cancel()
                        resumption.run()
                        SocketChannel.open(listener.address).use { withTimeout(30.seconds) { second.await() } }
                    }
                }
            }
        }

        test("what is closed is not waited for any more") {
            onListener { listener ->
                coroutineScope {
                    val waiting = async(Dispatchers.Default, CoroutineStart.UNDISPATCHED) { failureOf { listener.awaitClient() } }
                    listener.close()
                    (withTimeout(30.seconds) { waiting.await() } is ClosedChannelException) shouldBe true
                    shouldThrow<ClosedChannelException> { listener.awaitClient() }
                }
            }
        }

        test("a channel that blocks can't be waited for, which is said to whoever tries") {
            onListener { listener ->
                val blocking = Listener(ServerSocketChannel.open().bind(null), listener.loop)
                shouldThrow<IllegalBlockingModeException> { blocking.awaitClient() }
                blocking.close()
            }
        }

        test("a channel's interest is only what its owner wants") {
            onListener { listener ->
                shouldThrow<IllegalStateException> { listener.loop.select(listener, SelectInterest.READ) }.message shouldContain
                    "does not want to be ready for READ"
            }
        }
    })

private suspend fun onListener(use: suspend (Listener) -> Unit) {
    leavingNothing {
        val channel = ServerSocketChannel.open().bind(java.net.InetSocketAddress(java.net.InetAddress.getLoopbackAddress(), 0))
        channel.configureBlocking(false)
        val listener = Listener(channel, EventLoops.default.next())
        try {
            use(listener)
        } finally {
            listener.close()
        }
    }
}

/** Runs nothing by itself. */
private class HeldDispatcher : CoroutineDispatcher() {
    private val held = LinkedBlockingQueue<Runnable>()

    override fun dispatch(
        context: CoroutineContext,
        block: Runnable,
    ): Unit = held.put(block)

    fun next(): Runnable = held.take()
}
