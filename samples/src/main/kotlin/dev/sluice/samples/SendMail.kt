package dev.sluice.samples

import dev.sluice.Connection
import dev.sluice.net.openConnection
import dev.sluice.tls.TlsOptions
import kotlinx.coroutines.runBlocking
import java.io.EOFException
import java.io.IOException
import java.nio.file.Path

/** Sends what comes in on its standard input as a mail, over a connection that is made secure by STARTTLS. */
fun main(arguments: Array<String>): Unit =
    runBlocking {
        val (host, port, sender, recipient) = arguments
        val authority = arguments.getOrNull(4)?.let { Path.of(it) }
        openConnection(host, port.toInt()).use { connection ->
            val smtp = Smtp(connection)
            smtp.greeting()
            smtp.say("EHLO localhost", 250)
            smtp.say("STARTTLS", 220)
            // Verifies the host that was connected to. Whatever somebody has slipped in behind the 220 makes it fail.
            connection.startTls(TlsOptions { authority?.let { trust(it) } })
            smtp.say("EHLO localhost", 250)
            smtp.say("MAIL FROM:<$sender>", 250)
            smtp.say("RCPT TO:<$recipient>", 250)
            smtp.say("DATA", 354)
            for (line in generateSequence(::readlnOrNull)) smtp.sendLine(line)
            println(smtp.say(".", 250))
            smtp.say("QUIT", 221)
        }
    }

private class Smtp(
    private val connection: Connection,
) {
    suspend fun greeting(): String = reply(220)

    suspend fun say(
        command: String,
        expected: Int,
    ): String {
        connection.writer.write("$command\r\n")
        return reply(expected)
    }

    /** A line of a mail. One that begins with a dot gets another one, or the mail could end there. */
    suspend fun sendLine(line: String) {
        connection.writer.write(if (line.startsWith(".")) ".$line\r\n" else "$line\r\n")
        connection.writer.drain()
    }

    /** Of its lines all but the last one have a hyphen behind the code. */
    private suspend fun reply(expected: Int): String {
        while (true) {
            val line = connection.reader.readLine() ?: throw EOFException("the server has gone")
            if (line.take(3) != "$expected") throw IOException("the server says $line")
            if (line.getOrNull(3) != '-') return line
        }
    }
}
