package dev.sluice.net

import io.ktor.network.selector.Selectable
import io.ktor.network.sockets.aSocket
import java.io.IOException
import java.net.BindException
import java.net.Inet4Address
import java.net.Inet6Address
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.SocketOption
import java.nio.channels.NetworkChannel
import java.nio.channels.SelectableChannel
import java.nio.channels.ServerSocketChannel
import io.ktor.network.sockets.InetSocketAddress as KtorAddress

/**
 * Binds the channels of one server: all of its hosts on one port, or nothing.
 *
 * A host that was named must be bound, by one of its addresses at least: those of a name that this machine does not have are left out.
 */
internal class Binding(
    private val loop: EventLoop,
    private val options: ServerOptions,
) {
    private val bound = ArrayList<ServerSocketChannel>()

    /** The channels, in the order of [hosts]; `null` is every interface. */
    suspend fun bindAll(
        hosts: List<String?>,
        port: Int,
    ): List<ServerSocketChannel> {
        val wanted = hosts.map { it to if (it == null) listOf(everyInterface()) else addressesOf(it, options.family, null) }
        // A port that the system chose for the first address may be taken at another one.
        val tries = if (port == 0 && wanted.sumOf { it.second.size } > 1) PORT_TRIES else 1
        repeat(tries - 1) {
            try {
                return bindOnce(wanted, port)
            } catch (_: BindException) {
                closeAll()
            }
        }
        return bindOnce(wanted, port)
    }

    private suspend fun bindOnce(
        wanted: List<Pair<String?, List<InetAddress>>>,
        port: Int,
    ): List<ServerSocketChannel> {
        try {
            val seen = HashSet<InetAddress>()
            for ((host, addresses) in wanted) {
                bindHost(host, addresses.filter { seen.add(it) }, port)
            }
            return bound.toList()
        } catch (e: Throwable) {
            closeAll()
            throw e
        }
    }

    private fun closeAll() {
        bound.forEach { it.close() }
        bound.clear()
        loop.releaseClosed()
    }

    private suspend fun bindHost(
        host: String?,
        addresses: List<InetAddress>,
        port: Int,
    ) {
        val failures = ArrayList<BindException>()
        for (address in addresses) {
            try {
                bound += bind(address, host, portOf(port))
            } catch (e: BindException) {
                if (addresses.size == 1 || !e.isForeignAddress) throw e
                failures += e
            }
        }
        if (failures.isNotEmpty() && failures.size == addresses.size) throw noneOf(host, failures)
    }

    /** The port that is shared by all. */
    private fun portOf(port: Int) =
        if (port == 0 &&
            bound.isNotEmpty()
        ) {
            (bound.first().localAddress as InetSocketAddress).port
        } else {
            port
        }

    private suspend fun bind(
        address: InetAddress,
        host: String?,
        port: Int,
    ): ServerSocketChannel {
        val selector = loop.preparing(IPV4.takeIf { address is Inet4Address }) { prepare(it) }
        try {
            val socket = aSocket(selector).tcp().bind(KtorAddress(address.hostAddress, port)) { backlogSize = options.backlog }
            return (socket as Selectable).channel as ServerSocketChannel
        } catch (e: IOException) {
            throw e.about(if (host == null) "$address:$port, every interface" else "$host:$port ($address)")
        }
    }

    private fun prepare(channel: SelectableChannel) {
        val server = channel as ServerSocketChannel
        server.configure("SO_REUSEADDR", options.reuseAddress)
        // Asked for only where it is wanted: not every system has it.
        if (options.reusePort) server.configure("SO_REUSEPORT", true)
    }

    private fun noneOf(
        host: String?,
        failures: List<BindException>,
    ) = BindException("no address of $host can be bound: ${failures.joinToString("; ") { it.message.orEmpty() }}")
        .apply { failures.forEach(::addSuppressed) }

    private fun everyInterface(): InetAddress =
        when {
            options.family == AddressFamily.IPV4 || !HAS_IPV6 -> InetAddress.getByName("0.0.0.0")
            else -> InetAddress.getByName("::")
        }

    private companion object {
        const val PORT_TRIES = 8

        /** Whether a channel can be bound to an IPv6 address at all. */
        val HAS_IPV6: Boolean by lazy {
            try {
                ServerSocketChannel.open().use { it.bind(InetSocketAddress("::1", 0)) }
                true
            } catch (_: IOException) {
                false
            } catch (_: UnsupportedOperationException) {
                false
            }
        }
    }
}

/** By its name: SO_REUSEPORT is no constant on Android 26. */
private fun NetworkChannel.configure(
    name: String,
    value: Boolean,
) {
    @Suppress("UNCHECKED_CAST")
    val option =
        supportedOptions().firstOrNull { it.name() == name } as SocketOption<Boolean>?
            ?: throw UnsupportedOperationException("this system has no $name")
    setOption(option, value)
}

private val BindException.isForeignAddress: Boolean get() = "assign" in message.orEmpty()
