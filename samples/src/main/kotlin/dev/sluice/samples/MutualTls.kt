package dev.sluice.samples

import dev.sluice.InfoKey
import dev.sluice.net.ServerOptions
import dev.sluice.net.startServer
import dev.sluice.tls.TlsOptions
import kotlinx.coroutines.runBlocking
import java.net.InetSocketAddress
import java.nio.file.Path
import java.security.cert.X509Certificate

/**
 * Serves those alone who have a certificate that it trusts, and knows them by it.
 *
 * `openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -keyout service.key -out service.crt` makes it an identity,
 * and the same with another name one for a client, whose certificate is what the service has to trust.
 */
fun main(arguments: Array<String>): Unit =
    runBlocking {
        val (port, certificate, key, clients) = arguments
        val options =
            ServerOptions {
                tls =
                    TlsOptions {
                        identity(Path.of(certificate), Path.of(key))
                        trust(Path.of(clients))
                        clientAuth = TlsOptions.ClientAuth.NEED
                    }
                // There is no connection for those who were refused.
                onError = { connection, failure ->
                    println("${if (connection == null) "refused" else "lost"}: ${failure.javaClass.simpleName}")
                }
            }
        val server =
            startServer("127.0.0.1", port.toInt(), options) { connection ->
                val (reader, writer) = connection
                val client = connection.info[InfoKey.PeerCertificates]!!.first() as X509Certificate
                for (line in reader) {
                    writer.write("${client.subjectX500Principal.name} says ")
                    writer.write(line)
                    writer.drain()
                }
            }
        println("listening on port ${(server.addresses.first() as InetSocketAddress).port}")
        server.serveForever()
    }
