package dev.sluice.net

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.withTimeout
import java.io.Closeable
import java.io.IOException
import java.net.Socket
import java.net.SocketAddress
import java.net.SocketOption
import java.nio.ByteBuffer
import java.nio.channels.SocketChannel
import kotlin.time.Duration.Companion.seconds

internal class ChannelOwnerTest :
    FunSpec({
        test("what else holds on to a channel is closed also when the channel can't be") {
            // A loop that has ended releases at once whatever it is given, and asks the system for nothing.
            val loop = withLoops { it.next() }
            SocketChannel.open().use { real ->
                var ownerCloses = 0
                val transport = ChannelTransport(UnclosableChannel(real), loop, owner = Closeable { ownerCloses++ })
                withTimeout(30.seconds) {
                    eventually("the loop's end has reached it") { transport.closing != null }
                    transport.awaitReleased()
                }
                ownerCloses shouldBe 1
            }
        }
    })

private class UnclosableChannel(
    private val inner: SocketChannel,
) : SocketChannel(inner.provider()) {
    override fun implCloseSelectableChannel(): Unit = throw IOException("can't be closed")

    override fun implConfigureBlocking(block: Boolean) = Unit

    override fun bind(local: SocketAddress?): SocketChannel = apply { inner.bind(local) }

    override fun <T : Any?> setOption(
        name: SocketOption<T>,
        value: T,
    ): SocketChannel = apply { inner.setOption(name, value) }

    override fun <T : Any?> getOption(name: SocketOption<T>): T = inner.getOption(name)

    override fun supportedOptions(): Set<SocketOption<*>> = inner.supportedOptions()

    override fun shutdownInput(): SocketChannel = apply { inner.shutdownInput() }

    override fun shutdownOutput(): SocketChannel = apply { inner.shutdownOutput() }

    override fun socket(): Socket = inner.socket()

    override fun isConnected(): Boolean = inner.isConnected

    override fun isConnectionPending(): Boolean = inner.isConnectionPending

    override fun connect(remote: SocketAddress): Boolean = inner.connect(remote)

    override fun finishConnect(): Boolean = inner.finishConnect()

    override fun getRemoteAddress(): SocketAddress? = inner.remoteAddress

    override fun getLocalAddress(): SocketAddress? = inner.localAddress

    override fun read(into: ByteBuffer): Int = inner.read(into)

    override fun read(
        into: Array<ByteBuffer>,
        offset: Int,
        length: Int,
    ): Long = inner.read(into, offset, length)

    override fun write(from: ByteBuffer): Int = inner.write(from)

    override fun write(
        from: Array<ByteBuffer>,
        offset: Int,
        length: Int,
    ): Long = inner.write(from, offset, length)
}
