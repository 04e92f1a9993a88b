package dev.sluice.net.interop

import dev.sluice.Connection
import dev.sluice.StreamReader
import dev.sluice.StreamWriter
import java.nio.file.Files
import java.nio.file.Path

/** As much of HTTP/1.1 as it takes to serve one [file] and to send a body back, over connections that stay open. */
internal class SampleHttpServer(
    private val file: Path,
) {
    private class Request(
        val line: String,
        val headers: Map<String, String>,
    ) {
        val length = headers["content-length"]?.toInt() ?: 0
        val isLast = headers["connection"] == "close" || line.endsWith("HTTP/1.0")
    }

    suspend fun serve(connection: Connection) {
        val (reader, writer) = connection
        while (true) {
            val request = reader.readRequest() ?: return
            when (request.line.substringBeforeLast(' ')) {
                "GET /file" -> {
                    writer.writeHead("200 OK", Files.size(file))
                    writer.sendFile(file)
                }

                "POST /echo" -> {
                    if ("expect" in request.headers) writer.write("HTTP/1.1 100 Continue\r\n\r\n")
                    val body = reader.readExactly(request.length)
                    writer.writeHead("200 OK", body.size.toLong())
                    writer.write(body)
                }

                else -> {
                    writer.writeHead("404 Not Found", 0)
                }
            }
            writer.drain()
            if (request.isLast) return
        }
    }

    private suspend fun StreamReader.readRequest(): Request? {
        val line = readLine(Charsets.ISO_8859_1) ?: return null
        val headers = HashMap<String, String>()
        while (true) {
            val header = readLine(Charsets.ISO_8859_1).orEmpty().ifEmpty { return Request(line, headers) }
            headers[header.substringBefore(':').lowercase()] = header.substringAfter(':').trim()
        }
    }

    private fun StreamWriter.writeHead(
        status: String,
        length: Long,
    ) {
        write("HTTP/1.1 $status\r\nServer: sample\r\nContent-Length: $length\r\n\r\n")
    }
}
