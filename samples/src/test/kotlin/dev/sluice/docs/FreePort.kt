package dev.sluice.docs

import java.net.BindException
import java.net.InetAddress
import java.net.ServerSocket

/** A port that nobody listens at, and that the system gives to nobody who asks for any: it will still be free when it is used. */
internal fun freePort(): Int = generateSequence { (10_000..30_000).random() }.take(100).first(::isFree)

private fun isFree(port: Int) =
    try {
        ServerSocket(port, 1, InetAddress.getByName("127.0.0.1")).close()
        true
    } catch (_: BindException) {
        false
    }
