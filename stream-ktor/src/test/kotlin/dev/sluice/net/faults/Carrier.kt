package dev.sluice.net.faults

import dev.sluice.net.SocketKind

/**
 * What carries a connection.
 *
 * @property socket what its ends find each other by, if that is an address
 * @property bulk more bytes than it takes while the other end reads none
 */
internal enum class Carrier(
    private val text: String,
    val socket: SocketKind? = null,
    val isTls: Boolean = false,
    val bulk: Int = 8 shl 20,
) {
    MEMORY("memory", bulk = 256 shl 10),
    TCP("TCP", SocketKind.TCP),
    UNIX("Unix", SocketKind.UNIX),
    TLS_MEMORY("TLS in memory", isTls = true, bulk = 256 shl 10),
    TLS_TCP("TLS over TCP", SocketKind.TCP, isTls = true),
    TLS_UNIX("TLS over Unix", SocketKind.UNIX, isTls = true),
    PIPES("process pipes", bulk = 256 shl 10),
    PTY("pseudo-terminal", bulk = 256 shl 10),
    ;

    val isProcess: Boolean get() = this == PIPES || this == PTY

    override fun toString(): String = text

    companion object {
        val ALL: Set<Carrier> = entries.toSet()
        val IN_MEMORY: Set<Carrier> = setOf(MEMORY, TLS_MEMORY)
        val ON_SOCKETS: Set<Carrier> = setOf(TCP, UNIX, TLS_TCP, TLS_UNIX)
        val TLS: Set<Carrier> = setOf(TLS_MEMORY, TLS_TCP, TLS_UNIX)
        val TLS_SOCKETS: Set<Carrier> = setOf(TLS_TCP, TLS_UNIX)
        val PROCESSES: Set<Carrier> = setOf(PIPES, PTY)
    }
}
