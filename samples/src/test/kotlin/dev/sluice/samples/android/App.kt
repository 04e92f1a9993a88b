package dev.sluice.samples.android

import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.cancel
import kotlinx.coroutines.flow.dropWhile
import kotlinx.coroutines.launch
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.ServerSocket
import java.util.concurrent.Executor
import java.util.concurrent.ExecutorService
import java.util.concurrent.Executors
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit.SECONDS

/** What an app does with its client, on its main thread. */
internal interface Use {
    fun send(line: String)

    fun close()
}

/**
 * An app in this process: a main thread, a client that is used on it, and the server that the client talks to.
 *
 * @param begin makes the client, on the main thread, and has what it tells said
 */
internal class App private constructor(
    begin: (port: Int, main: ExecutorService, say: (String) -> Unit) -> Use,
) : AutoCloseable {
    private val main = Executors.newSingleThreadExecutor { Thread(it, MAIN) }
    private val said = LinkedBlockingQueue<String>()
    private val loopback = InetAddress.getLoopbackAddress()
    private val first = ServerSocket(0, 1, loopback)
    private val client = onMain { begin(first.localPort, main, ::say) }

    /** Hears, says, loses the connection, has another one, and ends. */
    fun runThrough() {
        first.accept().use { connection ->
            first.close()
            mustSay("connected")
            connection.getOutputStream().write("one\n".toByteArray())
            mustSay("received: one")
            onMain { client.send("hello") }
            connection.getInputStream().bufferedReader().readLine() shouldBe "hello"
        }
        mustSay("not connected")
        onMain { client.send("still there?") }
        // Whoever closes first keeps the port for a while, unless the next one doesn't mind.
        ServerSocket().use { second ->
            second.reuseAddress = true
            second.bind(InetSocketAddress(loopback, first.localPort))
            second.accept().use { connection ->
                mustSay("connected")
                connection.getInputStream().bufferedReader().readLine() shouldBe "still there?"
                connection.getOutputStream().write("two\n".toByteArray())
                mustSay("received: two")
                onMain(client::close)
                connection.getInputStream().read() shouldBe -1
            }
        }
    }

    private fun say(what: String) {
        said.add(if (isMain(Thread.currentThread().name)) what else "$what, but on ${Thread.currentThread()}")
    }

    private fun mustSay(what: String) {
        said.poll(60, SECONDS) shouldBe what
    }

    private fun <T> onMain(task: () -> T): T = main.submit(task).get(60, SECONDS)

    override fun close() {
        first.close()
        main.shutdown()
    }

    companion object {
        private const val MAIN = "main thread of an app"

        /** Coroutines add their own names, where assertions are on. */
        fun isMain(thread: String) = thread.startsWith(MAIN)

        fun inKotlin() =
            App { port, main, say ->
                val scope = CoroutineScope(main.asCoroutineDispatcher() + Job())
                val client = LineClient(scope, "127.0.0.1", port)
                scope.launch { client.lines.collect { say("received: $it") } }
                scope.launch { client.isConnected.dropWhile { !it }.collect { say(if (it) "connected" else "not connected") } }
                object : Use {
                    override fun send(line: String) {
                        scope.launch { client.send(line) }
                    }

                    override fun close() = scope.cancel()
                }
            }

        fun inJava() =
            App { port, main, say ->
                val client = LineClientInJava("127.0.0.1", port, Executor(main::execute), listener(say))
                object : Use {
                    override fun send(line: String) = client.send(line)

                    override fun close() = client.close()
                }
            }

        private fun listener(say: (String) -> Unit) =
            object : LineClientInJava.Listener {
                override fun isConnected(now: Boolean) = say(if (now) "connected" else "not connected")

                override fun received(line: String) = say("received: $line")
            }
    }
}
