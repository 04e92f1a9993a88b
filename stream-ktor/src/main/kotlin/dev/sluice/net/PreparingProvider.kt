package dev.sluice.net

import io.ktor.network.selector.SelectorManager
import java.io.IOException
import java.lang.reflect.InvocationTargetException
import java.net.ProtocolFamily
import java.net.StandardProtocolFamily
import java.nio.channels.DatagramChannel
import java.nio.channels.Pipe
import java.nio.channels.SelectableChannel
import java.nio.channels.ServerSocketChannel
import java.nio.channels.SocketChannel
import java.nio.channels.spi.AbstractSelector
import java.nio.channels.spi.SelectorProvider

/** This loop as a selector whose channels [prepare] sees before Ktor does: for what Ktor's builders have no option. */
internal fun EventLoop.preparing(
    family: ProtocolFamily? = null,
    prepare: (SelectableChannel) -> Unit,
): SelectorManager {
    val loop = this
    return object : SelectorManager by loop {
        override val provider: SelectorProvider = PreparingProvider(loop.provider, family, prepare)
    }
}

private class PreparingProvider(
    private val inner: SelectorProvider,
    private val family: ProtocolFamily?,
    private val prepare: (SelectableChannel) -> Unit,
) : SelectorProvider() {
    override fun openSocketChannel(): SocketChannel = prepared(inner.openSocketChannel())

    override fun openServerSocketChannel(): ServerSocketChannel = prepared(open() ?: inner.openServerSocketChannel())

    override fun openDatagramChannel(): DatagramChannel = inner.openDatagramChannel()

    override fun openDatagramChannel(family: ProtocolFamily): DatagramChannel = inner.openDatagramChannel(family)

    override fun openPipe(): Pipe = inner.openPipe()

    override fun openSelector(): AbstractSelector = inner.openSelector()

    private fun <C : SelectableChannel> prepared(channel: C): C {
        try {
            prepare(channel)
            return channel
        } catch (e: Throwable) {
            channel.close()
            throw e
        }
    }

    /** A server's channel of the wanted family, which the JDK can open since version 15; before, and on Android, null. */
    private fun open(): ServerSocketChannel? {
        val opening = family?.let { OPEN_SERVER } ?: return null
        return try {
            opening.invoke(inner, family) as ServerSocketChannel
        } catch (e: InvocationTargetException) {
            if (e.cause is UnsupportedOperationException) throw IOException("this JVM has no $family", e.cause)
            throw e.cause ?: e
        }
    }

    private companion object {
        val OPEN_SERVER =
            try {
                SelectorProvider::class.java.getMethod("openServerSocketChannel", ProtocolFamily::class.java)
            } catch (_: NoSuchMethodException) {
                null
            }
    }
}

internal val IPV4: ProtocolFamily = StandardProtocolFamily.INET
