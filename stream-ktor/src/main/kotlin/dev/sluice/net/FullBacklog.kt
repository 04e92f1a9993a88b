package dev.sluice.net

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import java.io.IOException
import java.net.ConnectException
import java.net.SocketException
import java.nio.channels.SocketChannel

/**
 * How to know that the server of a Unix socket has no room for another client. There is no exception of its own for it, and its text is
 * in the language of the system. So a socket of our own is filled once, to hear what the system says.
 */
internal object FullBacklog {
    private const val MOST = 20

    private class Text(
        val orNone: String?,
    )

    @Volatile
    private var heard: Text? = null

    suspend fun isMeantBy(
        failure: IOException,
        loop: EventLoop,
    ): Boolean {
        if (failure !is SocketException || failure is ConnectException) return false
        val text = heard ?: hear(loop)?.also { heard = it } ?: return false
        return failure.message == text.orNone
    }

    /** Null if nothing can be heard now. */
    private suspend fun hear(loop: EventLoop): Text? =
        withContext(Dispatchers.IO) {
            try {
                Text(
                    inPrivateFolder { file ->
                        UnixSockets.bind(loop, file, 1).use { textOf { UnixSockets.connect(loop, file) } }
                    },
                )
                    // It may have been told of a lack of descriptors instead.
                    .also { SocketChannel.open().close() }
            } catch (_: IOException) {
                null
            }
        }

    /** What [connect] says in the end; null if there is always room, or too many are refused. */
    private suspend fun textOf(connect: suspend () -> SocketChannel): String? {
        val clients = ArrayList<SocketChannel>()
        try {
            repeat(MOST) { clients += connect() }
        } catch (_: ConnectException) {
            return null
        } catch (e: SocketException) {
            return e.message
        } finally {
            clients.forEach(SocketChannel::close)
        }
        return null
    }
}
