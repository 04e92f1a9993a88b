package dev.sluice.tls

import java.io.ByteArrayInputStream
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path
import java.security.cert.CertificateException
import java.security.cert.CertificateFactory
import java.security.cert.X509Certificate
import java.util.Base64

/**
 * A PEM file: blocks between `-----BEGIN ...-----` and `-----END ...-----`, and text between them that says nothing.
 *
 * @throws IOException there is no such file, or it can't be read
 */
internal class PemFile(
    val path: Path,
) {
    /** @property headers those of OpenSSL's old way to encrypt a key */
    class Block(
        val label: String,
        val headers: Map<String, String>,
        val bytes: ByteArray,
    )

    val blocks: List<Block> = BLOCK.findAll(String(Files.readAllBytes(path), Charsets.ISO_8859_1)).map { it.toBlock() }.toList()

    /** All certificates of the file, in their order. */
    fun certificates(): List<X509Certificate> {
        val found = blocks.filter { it.label == "CERTIFICATE" || it.label == "X509 CERTIFICATE" }
        require(found.isNotEmpty()) {
            "there is no certificate in $path; a PEM file has one between -----BEGIN CERTIFICATE----- and its end"
        }
        val factory = CertificateFactory.getInstance("X.509")
        return found.map {
            try {
                factory.generateCertificate(ByteArrayInputStream(it.bytes)) as X509Certificate
            } catch (e: CertificateException) {
                throw IllegalArgumentException("a certificate in $path can't be read: ${e.message}", e)
            }
        }
    }

    private fun MatchResult.toBlock(): Block {
        val (label, headers, body) = destructured
        val bytes =
            try {
                Base64.getDecoder().decode(body.filterNot { it.isWhitespace() })
            } catch (e: IllegalArgumentException) {
                throw IllegalArgumentException("the $label in $path is no base64 text", e)
            }
        return Block(
            label,
            headers.lines().filter { ':' in it }.associate {
                it.substringBefore(':') to
                    it.substringAfter(':').trim()
            },
            bytes,
        )
    }

    private companion object {
        val BLOCK = Regex("-----BEGIN ([^-\r\n]+)-----[ \t]*\r?\n((?:[A-Za-z0-9-]+:[^\r\n]*\r?\n)*)([^-]*)-----END \\1-----")
    }
}
