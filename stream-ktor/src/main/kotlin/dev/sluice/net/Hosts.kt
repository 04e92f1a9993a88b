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
    val all = if (literal != null) listOf(literal) else lookUp(host, resolver ?: JdkResolver.Default)
    if (all.isEmpty()) throw UnknownHostException("$host: no addresses")
    // By their digits: the zones of two link-local addresses make no difference to equals.
    return all.filter(family::has).distinctBy { it.hostAddress }.ifEmpty {
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
        if (!looksLikeIpv6(address)) throw UnknownHostException("$address: neither a name nor an address")
        InetAddress.getByName(address)
    } catch (e: UnknownHostException) {
        throw UnknownHostException("$host is no IPv6 address").apply { initCause(e) }
    }

/** What begins like a name, as `localhost:80`, the JDK would look up, colon or not. */
private fun looksLikeIpv6(address: String): Boolean {
    val digits = address.substringBefore('%')
    return !digits.startsWith('.') && digits.all { it in '0'..'9' || it in 'a'..'f' || it in 'A'..'F' || it == ':' || it == '.' }
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
private const val LONGEST_LABEL = 63

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
        currentCoroutineContext().ensureActive()
        // Nobody cancelled the caller: it was a time limit of the resolver's, or a future that somebody else cancelled.
        throw UnknownHostException("$host: the lookup was given up: $e").apply { initCause(e) }
    } catch (e: IOException) {
        throw e
    } catch (e: Exception) {
        // Whatever it is, it must not be mistaken for something of the connection's.
        throw IOException("the lookup of $host failed: $e", e)
    }
}

/** What no resolver can find, and some take for something else. */
private fun checkName(host: String) {
    val labels = host.removeSuffix(".").split('.')
    val wrong =
        when {
            '\u0000' in host -> "it has a NUL in it"
            labels.any { it.isEmpty() } -> "a part of it is empty"
            labels.any(::isTooLong) -> "a part of it is longer than $LONGEST_LABEL characters"
            else -> return
        }
    throw UnknownHostException("$host: $wrong")
}

/** However a resolver encodes it: no code point takes less than one byte. */
private fun isTooLong(label: String) = label.codePointCount(0, label.length) > LONGEST_LABEL

private fun UnknownHostException.naming(host: String): UnknownHostException =
    if (host in message.orEmpty()) this else UnknownHostException("$host: $message").also { it.initCause(this) }
