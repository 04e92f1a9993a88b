package dev.sluice.net.hostile

import dev.sluice.Connection
import dev.sluice.net.EventLoops
import dev.sluice.net.ServerOptions
import dev.sluice.net.StreamServer
import dev.sluice.net.during
import dev.sluice.net.echo
import dev.sluice.net.eventually
import dev.sluice.net.leavingNothing
import dev.sluice.net.plainClient
import dev.sluice.net.port
import dev.sluice.net.receivedLine
import dev.sluice.net.send
import dev.sluice.net.startServer
import java.net.Socket
import kotlin.concurrent.thread

/** Who behaves: sends a line, wants just that back, and sends the next, until it is closed. */
internal class Neighbour(
    private val socket: Socket,
) : AutoCloseable {
    @Volatile
    private var answers = 0

    @Volatile
    private var isLeaving = false

    @Volatile
    private var failure: Throwable? = null

    private val talking =
        thread(name = "neighbour") {
            try {
                while (!isLeaving) talk("line $answers")
            } catch (e: Throwable) {
                failure = e
            }
        }

    private fun talk(line: String) {
        socket.send("$line\n")
        val answer = socket.receivedLine()
        check(answer == line) { "$line was answered by $answer" }
        answers++
    }

    /** Waits until it has got so many more answers: what goes on until then has not kept it from that. */
    suspend fun mustGetOn(rounds: Int = 100) {
        val goal = answers + rounds
        eventually("the neighbour has $rounds more answers") { answers >= goal || failure != null }
        failure?.let { throw AssertionError("the neighbour was not served", it) }
    }

    override fun close() {
        isLeaving = true
        talking.join()
        socket.close()
        failure?.let { throw AssertionError("the neighbour was not served", it) }
    }
}

/** Gives [attack] a server on an event loop, and a neighbour that another server on the same loop serves. */
internal suspend fun besideNeighbour(
    configure: ServerOptions.Builder.() -> Unit = {},
    handler: suspend (Connection) -> Unit,
    attack: suspend (StreamServer, Neighbour) -> Unit,
) {
    leavingNothing {
        EventLoops(1, "attacked", blockedTaskThreshold = null).use { loops ->
            val options =
                ServerOptions {
                    eventLoops = loops
                    backlog = 1000
                    configure()
                }
            startServer("127.0.0.1", 0, options, handler).during { attacked ->
                startServer("127.0.0.1", 0, ServerOptions { eventLoops = loops }, ::echo).during { other ->
                    Neighbour(plainClient(other.port)).use { attack(attacked, it) }
                }
            }
        }
    }
}
