package dev.sluice.samples

import dev.sluice.net.ConnectOptions
import dev.sluice.net.openConnection
import dev.sluice.tls.TlsOptions
import kotlinx.coroutines.runBlocking
import java.net.URI
import java.nio.file.Path

/** Prints the HTTP headers of a URL. For https a second argument names a certificate to trust instead of the JVM's. */
fun main(arguments: Array<String>): Unit =
    runBlocking {
        val url = URI(arguments[0])
        val authority = arguments.getOrNull(1)?.let { Path.of(it) }
        val isSecure = url.scheme == "https"
        val port =
            when {
                url.port >= 0 -> url.port
                isSecure -> 443
                else -> 80
            }
        val options =
            ConnectOptions {
                if (isSecure) tls = TlsOptions { authority?.let { trust(it) } }
            }

        openConnection(url.host, port, options).use { (reader, writer) ->
            val path = url.rawPath.ifEmpty { "/" } + (url.rawQuery?.let { "?$it" } ?: "")
            writer.write("HEAD $path HTTP/1.1\r\nHost: ${url.rawAuthority}\r\nConnection: close\r\n\r\n")
            while (true) {
                val line = reader.readLine(Charsets.ISO_8859_1)
                if (line.isNullOrEmpty()) break
                println(line)
            }
        }
    }
