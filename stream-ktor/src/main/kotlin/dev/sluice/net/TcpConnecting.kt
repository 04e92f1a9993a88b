package dev.sluice.net

import io.ktor.network.selector.Selectable
import io.ktor.network.sockets.aSocket
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.suspendCancellableCoroutine
import java.io.IOException
import java.net.BindException
import java.net.ConnectException
import java.net.InetSocketAddress
import java.nio.channels.SelectableChannel
import java.nio.channels.SocketChannel
import java.nio.channels.UnresolvedAddressException
import java.nio.channels.UnsupportedAddressTypeException
import kotlin.coroutines.resume
import io.ktor.network.sockets.InetSocketAddress as KtorAddress

/** Connects a TCP channel, on [loop] as the selector, to one address of [host] after another. */
internal class TcpConnecting(
    private val loop: EventLoop,
    private val host: String,
    private val options: ConnectOptions,
) : Connecting<SocketChannel> {
    private val localAddress = options.localAddress as InetSocketAddress?
    private val selector = loop.preparing { bindLocally(it) }

    /** Those that can be reached from the local address. */
    override fun reachable(addresses: List<InetSocketAddress>): List<InetSocketAddress> {
        val local = localAddress?.address ?: return addresses
        if (local.isAnyLocalAddress) return addresses
        return addresses.filter { it.address.javaClass == local.javaClass }.ifEmpty {
            throw BindException("the local address $localAddress is of another family than ${addresses.joinToString()} of $host")
        }
    }

    override suspend fun connect(address: InetSocketAddress): SocketChannel {
        val name = "$host:${address.port} ($address)"
        try {
            // By its digits, which keep the zone of an IPv6 address and need no lookup.
            val target = KtorAddress(address.address.hostAddress, address.port)
            val socket =
                aSocket(selector).tcp().connect(target) {
                    noDelay = options.noDelay
                    keepAlive = options.keepAlive
                    options.sendBuffer?.let { sendBufferSize = it }
                    options.receiveBuffer?.let { receiveBufferSize = it }
                }
            return notToItself((socket as Selectable).channel as SocketChannel, name)
        } catch (e: CancellationException) {
            loop.releaseClosed()
            throw e
        } catch (e: Throwable) {
            awaitReleased()
            throw e.about(name)
        }
    }

    /** The next attempt can have the same local port only when the selector has let go of this one's descriptor. */
    private suspend fun awaitReleased() {
        if (localAddress == null || localAddress.port == 0) return loop.releaseClosed()
        suspendCancellableCoroutine { continuation -> loop.afterSelection { continuation.resume(Unit) } }
    }

    override fun discard(connected: SocketChannel) {
        connected.close()
        loop.releaseClosed()
    }

    private fun bindLocally(channel: SelectableChannel) {
        val local = localAddress ?: return
        try {
            (channel as SocketChannel).bind(local)
        } catch (e: IOException) {
            throw e.about("local address $local")
        } catch (e: UnresolvedAddressException) {
            throw e.about("local address $local")
        } catch (e: UnsupportedAddressTypeException) {
            throw e.about("local address $local")
        }
    }

    /** A port of this machine that is just being used as the local one can be connected to itself, though nobody listens. */
    private fun notToItself(
        channel: SocketChannel,
        name: String,
    ): SocketChannel {
        if (channel.localAddress != channel.remoteAddress) return channel
        channel.close()
        throw ConnectException(connectedToItself(name))
    }
}
