package dev.sluice.net.limits

import dev.sluice.net.ChildJvm
import dev.sluice.net.ServerOptions
import dev.sluice.net.eventually
import dev.sluice.net.isLinux
import dev.sluice.net.openSockets
import dev.sluice.net.openWhatStays
import dev.sluice.net.port
import dev.sluice.net.receive
import dev.sluice.net.send
import dev.sluice.net.startServer
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.core.test.EnabledOrReasonIf
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.runBlocking
import java.net.InetSocketAddress
import java.nio.channels.SocketChannel

private const val MANY = 15_000

/** For what else a JVM has open. */
private const val SPARE = 200

private const val RAISED = "ulimit -n $(ulimit -H -n)"

/** One port of each, so that there are ports enough. */
private val HOSTS = List(5) { "127.0.0.${it + 1}" }

internal class ManyConnectionsTest : FunSpec({
    test("15,000 clients of another program are open at once, each has its echo, and when they go nothing is left")
        .config(enabledOrReasonIf = withDescriptors) {
            ChildJvm("dev.sluice.net.limits.ServerOfMany", limits = RAISED).use { server ->
                val port = server.output.readLine()
                server.counts() shouldBe "0 connections, 0 sockets"
                ChildJvm("dev.sluice.net.limits.ManyClients", limits = RAISED, arguments = listOf(port)).use { clients ->
                    clients.output.readLine() shouldBe "all are open"
                    eventually("all are served") { server.counts() == "$MANY connections, $MANY sockets" }
                    clients.tell("talk")
                    clients.output.readLine() shouldBe "all have their echo"
                    server.counts() shouldBe "$MANY connections, $MANY sockets"
                    clients.tell("go")
                    clients.lines() shouldBe listOf("all are closed")
                }
                eventually("nothing is left") { server.counts() == "0 connections, 0 sockets" }
            }
        }
})

private val withDescriptors: EnabledOrReasonIf = {
    val most = if (isLinux) mostDescriptors() else 0
    when {
        !isLinux -> Enabled.disabled("the addresses of 127.0.0.0/8, and how descriptors are limited, are Linux's")
        most < MANY + SPARE -> Enabled.disabled("a process may have $most descriptors here, and ${MANY + SPARE} are needed")
        else -> Enabled.enabled
    }
}

private fun mostDescriptors(): Int {
    val told =
        ProcessBuilder("sh", "-c", "ulimit -H -n")
            .start()
            .inputStream
            .readBytes()
            .decodeToString()
            .trim()
    return told.toIntOrNull() ?: Int.MAX_VALUE
}

private fun ChildJvm.counts(): String {
    tell("how many?")
    return output.readLine()
}

/** A child's program that echoes lines, and says how many clients and how many more sockets than at first it has. */
internal object ServerOfMany {
    @JvmStatic
    fun main(arguments: Array<String>): Unit =
        runBlocking {
            check(arguments.isEmpty())
            openWhatStays()
            val server =
                startServer(HOSTS, 0, ServerOptions { backlog = 1000 }) { (reader, writer) ->
                    while (true) {
                        writer.write((reader.readLine() ?: break) + "\n")
                        writer.drain()
                    }
                }
            val before = openSockets().size
            println(server.port)
            while (readlnOrNull() != null) println("${server.connections} connections, ${openSockets().size - before} sockets")
            server.close()
        }
}

/** A child's program: clients that share no code with the server. */
internal object ManyClients {
    @JvmStatic
    fun main(arguments: Array<String>) {
        val port = arguments[0].toInt()
        val clients = List(MANY) { SocketChannel.open(InetSocketAddress(HOSTS[it % HOSTS.size], port)) }
        println("all are open")
        readln()
        clients.forEachIndexed { number, client -> client.send(line(number)) }
        clients.forEachIndexed { number, client ->
            val expected = line(number)
            val echo = client.receive(expected.size)
            check(echo.contentEquals(expected)) { "client $number has ${echo.decodeToString()}" }
        }
        println("all have their echo")
        readln()
        clients.forEach(SocketChannel::close)
        println("all are closed")
    }

    private fun line(number: Int) = "client $number\n".toByteArray()
}
