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
import java.net.StandardSocketOptions
import java.nio.channels.NetworkChannel
import java.nio.channels.SelectableChannel
import java.nio.channels.ServerSocketChannel
import java.nio.channels.UnsupportedAddressTypeException
import io.ktor.network.sockets.InetSocketAddress as KtorAddress

/**
 * Binds the channels of one server: all of its hosts on one port, or nothing.
 *
 * A host that was named must be bound, by one of its addresses at least: those of a name that this machine does not have are left out.
 */
internal class Binding(
    private val loop: EventLoop,
    private val options: ServerOptions,
    private val resolver: Resolver? = null,
) {
    private val bound = ArrayList<ServerSocketChannel>()

    /** The channels, in the order of [hosts]; `null` is every interface. */
    suspend fun bindAll(
        hosts: List<String?>,
        port: Int,
    ): List<ServerSocketChannel> {
        val wanted = withoutRepetitions(hosts.map { it to addressesOf(it) })
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
            for ((host, addresses) in wanted) {
                bindHost(host, addresses, port)
            }
            return bound.toList()
        } catch (e: Throwable) {
            closeAll()
            throw e
        }
    }

    private suspend fun addressesOf(host: String?): List<InetAddress> =
        if (host == null) listOf(everyInterface()) else addressesOf(host, options.family, resolver)

    /** Each address where it comes first. Where every address of IPv6 is wanted, those of IPv4 come with them. */
    private fun withoutRepetitions(wanted: List<Pair<String?, List<InetAddress>>>): List<Pair<String?, List<InetAddress>>> {
        val seen = HashSet<InetAddress>()
        if (wanted.any { (_, addresses) -> EVERY_IPV6 in addresses }) seen.add(EVERY_IPV4)
        return wanted.map { (host, addresses) -> host to addresses.filter { seen.add(it) } }
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
                if (addresses.size == 1 || !isForeign(address)) throw e
                failures += e
            }
        }
        if (failures.isNotEmpty() && failures.size == addresses.size) throw noneOf(host, failures)
    }

    /** The port that is shared by all. */
    private fun portOf(port: Int): Int {
        val first = bound.firstOrNull()
        return if (port == 0 && first != null) (first.localAddress as InetSocketAddress).port else port
    }

    private suspend fun bind(
        address: InetAddress,
        host: String?,
        port: Int,
    ): ServerSocketChannel {
        val name = if (host == null) "every interface, $address:$port" else "$host:$port ($address)"
        val selector = loop.preparing(IPV4.takeIf { address is Inet4Address }) { prepare(it) }
        try {
            val socket = aSocket(selector).tcp().bind(KtorAddress(address.hostAddress, port)) { backlogSize = options.backlog }
            return (socket as Selectable).channel as ServerSocketChannel
        } catch (e: IOException) {
            throw e.about(name)
        } catch (e: UnsupportedAddressTypeException) {
            throw BindException(
                "Cannot assign requested address, this JVM has no addresses of its family: $name",
            ).apply { initCause(e) }
        }
    }

    private fun prepare(channel: SelectableChannel) {
        val server = channel as ServerSocketChannel
        server.setOption(StandardSocketOptions.SO_REUSEADDR, options.reuseAddress)
        if (options.reusePort) server.reusePort()
    }

    private fun noneOf(
        host: String?,
        failures: List<BindException>,
    ) = BindException("no address of $host can be bound: ${failures.joinToString("; ") { it.message.orEmpty() }}")
        .apply { failures.forEach(::addSuppressed) }

    private fun everyInterface(): InetAddress =
        when {
            options.family == AddressFamily.IPV4 || !HAS_IPV6 -> EVERY_IPV4
            else -> EVERY_IPV6
        }

    private companion object {
        const val PORT_TRIES = 8
        val EVERY_IPV4: InetAddress = InetAddress.getByName("0.0.0.0")
        val EVERY_IPV6: InetAddress = InetAddress.getByName("::")

        /** Whether a channel can be bound to an IPv6 address at all. */
        val HAS_IPV6: Boolean by lazy {
            try {
                ServerSocketChannel.open().use { it.bind(InetSocketAddress("::1", 0)) }
                true
            } catch (_: IOException) {
                false
            } catch (_: UnsupportedAddressTypeException) {
                false
            }
        }
    }
}

/** By its name: the option is no constant on Android 26, and not every system has it. */
internal fun NetworkChannel.reusePort() {
    @Suppress("UNCHECKED_CAST")
    val option =
        supportedOptions().firstOrNull { it.name() == "SO_REUSEPORT" } as SocketOption<Boolean>?
            ?: throw UnsupportedOperationException("this system has no reusePort (SO_REUSEPORT)")
    setOption(option, true)
}

/** Whether not the port, but the address can't be bound: only the system's text tells, in its own language, and so does any port. */
private fun isForeign(address: InetAddress): Boolean =
    try {
        ServerSocketChannel.open().use { it.bind(InetSocketAddress(address, 0)) }
        false
    } catch (_: BindException) {
        true
    } catch (_: UnsupportedAddressTypeException) {
        true
    }
