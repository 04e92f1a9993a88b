package dev.sluice.samples

import dev.sluice.Connection
import dev.sluice.WriteLimitException
import dev.sluice.net.ServerOptions
import dev.sluice.net.startServer
import kotlinx.coroutines.runBlocking
import java.io.IOException
import java.net.InetSocketAddress
import java.util.concurrent.ConcurrentHashMap

/**
 * A chat: who connects says a name on the first line, and everybody hears the others. A member who does not read what he gets is
 * put out.
 */
fun main(arguments: Array<String>): Unit =
    runBlocking {
        val room = Room()
        // How far a member may fall behind, besides what the system holds for him.
        val options = ServerOptions { writeLimit = 256 * 1024 }
        val server = startServer("127.0.0.1", arguments[0].toInt(), options) { member -> room.host(member) }
        println("listening on port ${(server.addresses.first() as InetSocketAddress).port}")
        server.serveForever()
    }

private class Room {
    private val members = ConcurrentHashMap.newKeySet<Connection>()

    suspend fun host(member: Connection) {
        val name = member.reader.readLine() ?: return
        members += member
        tellAll("* $name is here")
        try {
            member.reader.lines().collect { tellAll("$name: $it") }
        } catch (_: IOException) {
            // His connection is lost, or he was put out.
        } finally {
            members -= member
            tellAll("* $name has left")
        }
    }

    private fun tellAll(text: String) {
        for (member in members) {
            try {
                // Never waits: nobody is held up by another one's connection.
                member.writer.write("$text\n")
            } catch (e: WriteLimitException) {
                member.abort(e)
            } catch (_: IOException) {
                // He is leaving.
            }
        }
    }
}
