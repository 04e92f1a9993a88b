package dev.sluice.samples

import dev.sluice.Connection
import dev.sluice.StreamReader
import dev.sluice.net.openConnection
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import java.io.EOFException

/** Sends a command to a Redis server and prints the reply; without a command, three of them in one go. */
fun main(arguments: Array<String>): Unit =
    runBlocking {
        val (host, port) = arguments
        Redis(openConnection(host, port.toInt())).use { redis ->
            val command = arguments.drop(2)
            if (command.isNotEmpty()) {
                println(show(redis.send(command)))
            } else {
                redis
                    .pipeline(listOf("SET", "sluice", "41"), listOf("INCR", "sluice"), listOf("GET", "sluice"))
                    .forEach { println(show(it)) }
            }
        }
    }

/** A connection to Redis. Any number of coroutines may use it at once. */
class Redis(
    private val connection: Connection,
) : AutoCloseable by connection {
    private val turn = Mutex()

    /** A string, a number, a list of such, `null`, or the [RedisError] that the server replied with. */
    suspend fun send(command: List<String>): Any? = pipeline(command).single()

    /** Sends all the commands before it waits for the first reply. */
    suspend fun pipeline(vararg commands: List<String>): List<Any?> =
        turn.withLock {
            commands.forEach(::write)
            connection.writer.drain()
            List(commands.size) { connection.reader.readReply() }
        }

    private fun write(command: List<String>) {
        connection.writer.write("*${command.size}\r\n")
        for (word in command) {
            val bytes = word.toByteArray()
            connection.writer.write("$${bytes.size}\r\n")
            connection.writer.write(bytes)
            connection.writer.write("\r\n")
        }
    }

    private suspend fun StreamReader.readReply(): Any? {
        val line = readLine() ?: throw EOFException("the server has gone")
        val text = line.drop(1)
        return when (line.first()) {
            '+' -> text
            '-' -> RedisError(text)
            ':' -> text.toLong()
            '$' -> if (text == "-1") null else readBulk(text.toInt())
            '*' -> if (text == "-1") null else List(text.toInt()) { readReply() }
            else -> error("not a reply of Redis: $line")
        }
    }

    private suspend fun StreamReader.readBulk(length: Int): String {
        val data = readExactly(length)
        skip(2)
        return data.decodeToString()
    }
}

class RedisError(
    val message: String,
)

private fun show(reply: Any?): String =
    when (reply) {
        null -> "(nothing)"
        is RedisError -> "error: ${reply.message}"
        is List<*> -> reply.joinToString(", ", "[", "]", transform = ::show)
        else -> reply.toString()
    }
