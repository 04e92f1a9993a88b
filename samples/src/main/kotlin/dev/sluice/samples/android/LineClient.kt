package dev.sluice.samples.android

import dev.sluice.net.ConnectOptions
import dev.sluice.net.openConnection
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableSharedFlow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asSharedFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import java.io.IOException
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/**
 * Keeps a connection to a server of lines, as a view model of an app does: with the view model's scope, what a view shows as
 * flows, and another connection when the network has taken one away.
 *
 * ```kotlin
 * class ChatViewModel : ViewModel() {
 *     val chat = LineClient(viewModelScope, "chat.example.org", 7000)
 * }
 * ```
 * All of it runs on Android from API level 26, and nothing of it touches the network on the scope's own thread, which on Android is the
 * main one: the test of this file checks both.
 */
class LineClient(
    scope: CoroutineScope,
    private val host: String,
    private val port: Int,
    private val options: ConnectOptions = ConnectOptions { connectTimeout = 10.seconds },
    retryAfter: Duration = 1.seconds,
) {
    private val connected = MutableStateFlow(false)
    private val received = MutableSharedFlow<String>()
    private val outgoing = Channel<String>(capacity = 64)

    val isConnected: StateFlow<Boolean> = connected.asStateFlow()

    /** What the server says while somebody listens. */
    val lines: Flow<String> = received.asSharedFlow()

    init {
        // Android's main thread may not use the network, not even where nothing would block.
        scope.launch(Dispatchers.Default) {
            while (true) {
                try {
                    stayConnected()
                } catch (_: IOException) {
                    // The network comes and goes.
                }
                connected.value = false
                delay(retryAfter)
            }
        }
    }

    /** Has a line sent, as soon as there is a connection. One that is on its way when that is lost may be lost with it. */
    suspend fun send(line: String): Unit = outgoing.send(line)

    private suspend fun stayConnected() {
        openConnection(host, port, options).use { (reader, writer) ->
            connected.value = true
            coroutineScope {
                val sender =
                    launch {
                        for (line in outgoing) {
                            writer.write("$line\n")
                            writer.drain()
                        }
                    }
                reader.lines().collect(received::emit)
                sender.cancel()
            }
        }
    }
}

/** Prints what the client hears, and sends what is typed. */
fun main(arguments: Array<String>): Unit =
    runBlocking {
        val (host, port) = arguments
        val client = LineClient(this, host, port.toInt())
        launch { client.isConnected.collect { println(if (it) "connected" else "not connected") } }
        launch { client.lines.collect { println("received: $it") } }
        while (true) client.send(withContext(Dispatchers.IO) { readlnOrNull() } ?: break)
    }
