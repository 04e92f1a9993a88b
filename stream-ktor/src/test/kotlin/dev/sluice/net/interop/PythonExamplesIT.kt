package dev.sluice.net.interop

import dev.sluice.InfoKey
import dev.sluice.net.SocketKind
import dev.sluice.net.mustRead
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.net.InetSocketAddress

/** What the examples in the documentation of asyncio do, with CPython on the other side. */
internal class PythonExamplesIT :
    FunSpec({
        testWith(
            Tool.python,
            "C-090, C-091 CPython's client says Hello World! to our server, whose address it knows",
            SocketKind.TCP,
        ) {
            val told = "received b'Hello World!', then b'', from ('127.0.0.1', PORT)"
            meet(Python.CLIENT, SocketKind.TCP, "hello_client", told) { connection, _ ->
                val (reader, writer) = connection
                val first = reader.read(100)
                first mustRead "Hello World!"
                (connection.info[InfoKey.LocalAddress] as InetSocketAddress).hostString shouldBe "127.0.0.1"
                writer.write(first)
                writer.drain()
            }
        }
        testWith(Tool.python, "C-090 our client says Hello World! to CPython's server", SocketKind.TCP) {
            meet(Python.SERVER, SocketKind.TCP, "hello_server", "received b'Hello World!'") { (reader, writer), _ ->
                writer.write("Hello World!")
                writer.drain()
                reader.read(100) mustRead "Hello World!"
                reader.read(100) mustRead ""
            }
        }
        testWith(Tool.python, "C-092 our client prints the headers of CPython's server, one with a byte E9", SocketKind.TCP) {
            val sent = """was sent b'HEAD / HTTP/1.0\r\nHost: localhost\r\n\r\n'"""
            meet(Python.SERVER, SocketKind.TCP, "header_server", sent) { (reader, writer), _ ->
                writer.write("HEAD / HTTP/1.0\r\nHost: localhost\r\n\r\n")
                val read = ArrayList<String>()
                while (true) read += reader.readLine(Charsets.ISO_8859_1) ?: break
                read shouldBe listOf("HTTP/1.0 200 OK", "Server: café", "Content-Length: 0", "")
            }
        }
        testWith(Tool.python, "C-092 CPython's client prints the headers of our server, one with a byte E9", SocketKind.TCP) {
            val received = """received ['HTTP/1.0 200 OK\r\n', 'Server: caf\xe9\r\n', '\r\n']"""
            meet(Python.CLIENT, SocketKind.TCP, "header_client", received) { (reader, writer), _ ->
                reader.readUntil("\r\n\r\n".toByteArray()) mustRead "HEAD / HTTP/1.0\r\nHost: localhost\r\n\r\n"
                writer.write("HTTP/1.0 200 OK\r\nServer: café\r\n\r\n", Charsets.ISO_8859_1)
            }
        }
    })
