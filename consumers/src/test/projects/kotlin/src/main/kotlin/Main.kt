import dev.sluice.net.openConnection
import dev.sluice.net.startServer
import kotlinx.coroutines.runBlocking
import java.net.InetSocketAddress

fun main(): Unit =
    runBlocking {
        startServer("127.0.0.1", 0) { (reader, writer) ->
            reader.lines().collect { writer.write("${it.uppercase()}\n") }
        }.use { server ->
            val port = (server.addresses.first() as InetSocketAddress).port
            openConnection("127.0.0.1", port).use { (reader, writer) ->
                writer.write("hello\nfrom kotlin\n")
                writer.writeEof()
                reader.lines().collect { println(it) }
            }
        }
    }
