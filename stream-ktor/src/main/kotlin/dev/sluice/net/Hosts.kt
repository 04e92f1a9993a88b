package dev.sluice.net

import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import java.io.IOException
import java.net.InetAddress
import java.net.UnknownHostException

/**
 * The addresses of [host] that [family] allows, each once. An address in digits is taken as it is and needs no lookup.
 *
 * @throws UnknownHostException there are none
 */
internal suspend fun addressesOf(
    host: String,
    family: AddressFamily,
    resolver: Resolver?,
): List<InetAddress> {
    val literal = literalAddress(host)
    val all = if (literal != null) listOf(literal) else lookUp(host, resolver ?: JdkResolver)
    if (all.isEmpty()) throw UnknownHostException("$host: no addresses")
    // By the text, which has the zone: the JDK takes one link-local address in two zones for the same.
    return all.filter(family::has).distinctBy(InetAddress::getHostAddress).ifEmpty {
        throw UnknownHostException("$host: no $family address, only ${all.joinToString()}")
    }
}

/**
 * [host] as an address, if it is one in digits: IPv4 in four decimal parts, or IPv6, in brackets or not. Older spellings of IPv4, on
 * whose meaning systems don't agree, are left to the resolver.
 */
internal fun literalAddress(host: String): InetAddress? {
    val bare = if (host.startsWith('[') && host.endsWith(']')) host.substring(1, host.length - 1) else host
    return when {
        // With a colon it can't be a name.
        ':' in bare -> readByJdk(bare, host)

        bare === host && isDottedQuad(host) -> InetAddress.getByName(host)

        else -> null
    }
}

private fun readByJdk(
    address: String,
    host: String,
): InetAddress =
    try {
        // In brackets the JDK reads it or refuses it; without them it looks some up, as localhost:80, and blocks.
        InetAddress.getByName("[$address]")
    } catch (e: UnknownHostException) {
        throw UnknownHostException("$host is no IPv6 address").apply { initCause(e) }
    }

private fun isDottedQuad(text: String): Boolean {
    val parts = text.split('.')
    return parts.size == IPV4_PARTS && parts.all(::isDecimalByte)
}

private fun isDecimalByte(part: String): Boolean {
    val canonical = part.length in 1..MOST_DIGITS && part.all { it in '0'..'9' } && (part.length == 1 || part[0] != '0')
    return canonical && part.toInt() <= MOST_OF_BYTE
}

private const val IPV4_PARTS = 4
private const val MOST_DIGITS = 3
private const val MOST_OF_BYTE = 255

private suspend fun lookUp(
    host: String,
    resolver: Resolver,
): List<InetAddress> {
    checkName(host)
    return try {
        resolver.resolve(host).toList()
    } catch (e: UnknownHostException) {
        throw e.naming(host)
    } catch (e: CancellationException) {
        // Of the caller, or of something inside the resolver, as a time limit of its own: that one must not end the caller in silence.
        currentCoroutineContext().ensureActive()
        throw IOException("the lookup of $host was cancelled by the resolver: $e", e)
    } catch (e: IOException) {
        throw e
    } catch (e: Exception) {
        // Whatever it is, it must not be mistaken for something of the connection's.
        throw IOException("the lookup of $host failed: $e", e)
    }
}

/** What no resolver can find, and some take for something else. */
private fun checkName(host: String) {
    val wrong =
        when {
            '\u0000' in host -> "it has a NUL in it"
            host.removeSuffix(".").split('.').any { it.isEmpty() } -> "a part of it is empty"
            else -> return
        }
    throw UnknownHostException("$host: $wrong")
}

private fun UnknownHostException.naming(host: String): UnknownHostException =
    if (host in message.orEmpty()) this else UnknownHostException("$host: $message").also { it.initCause(this) }
