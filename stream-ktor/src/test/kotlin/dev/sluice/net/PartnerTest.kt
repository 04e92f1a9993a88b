package dev.sluice.net

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.io.IOException
import java.net.InetSocketAddress
import java.net.SocketAddress
import java.net.SocketOption
import java.nio.ByteBuffer
import java.nio.channels.SocketChannel
import java.nio.channels.spi.SelectorProvider

internal class PartnerTest :
    FunSpec({
        test("J-040 a stranger at the listener of a pair is closed, and the partner taken") {
            leavingNothing {
                ListeningPort().use { port ->
                    val stranger = SocketChannel.open(InetSocketAddress("127.0.0.1", port.port))
                    val left = SocketChannel.open(InetSocketAddress("127.0.0.1", port.port))
                    val accepted = ArrayList<SocketChannel>()
                    val right = partnerOf(left, Clients { port.accept().also(accepted::add) })
                    right.remoteAddress shouldBe left.localAddress
                    right.isBlocking shouldBe false
                    accepted.map { it.isOpen } shouldBe listOf(false, true)
                    listOf(stranger, left, right).forEach { it.close() }
                }
            }
        }

        test("J-040 a client that can't be asked who it is is closed") {
            val broken = BrokenChannel()
            SocketChannel.open().use { left ->
                shouldThrow<IOException> { partnerOf(left, Clients { broken }) }.message shouldBe "broken"
            }
            broken.isOpen shouldBe false
        }
    })

private class Clients(
    private val next: () -> SocketChannel,
) : ClientSource {
    override suspend fun awaitClient() = Unit

    override fun accept(): SocketChannel = next()
}

/** Does nothing but fail, and close. */
private class BrokenChannel : SocketChannel(SelectorProvider.provider()) {
    private fun broken(): Nothing = throw IOException("broken")

    override fun implCloseSelectableChannel() = Unit

    override fun implConfigureBlocking(block: Boolean) = broken()

    override fun bind(local: SocketAddress?) = broken()

    override fun <T : Any?> setOption(
        name: SocketOption<T>?,
        value: T,
    ) = broken()

    override fun <T : Any?> getOption(name: SocketOption<T>?) = broken()

    override fun supportedOptions() = broken()

    override fun shutdownInput() = broken()

    override fun shutdownOutput() = broken()

    override fun socket() = broken()

    override fun isConnected() = broken()

    override fun isConnectionPending() = broken()

    override fun connect(remote: SocketAddress?) = broken()

    override fun finishConnect() = broken()

    override fun getRemoteAddress() = broken()

    override fun getLocalAddress() = broken()

    override fun read(dst: ByteBuffer?) = broken()

    override fun read(
        dsts: Array<out ByteBuffer>?,
        offset: Int,
        length: Int,
    ) = broken()

    override fun write(src: ByteBuffer?) = broken()

    override fun write(
        srcs: Array<out ByteBuffer>?,
        offset: Int,
        length: Int,
    ) = broken()
}
