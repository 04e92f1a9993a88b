package dev.sluice.tls

import java.security.cert.CertPathBuilderException
import java.security.cert.CertPathValidatorException
import java.security.cert.CertPathValidatorException.BasicReason
import java.security.cert.CertificateException
import java.security.cert.CertificateExpiredException
import java.security.cert.CertificateNotYetValidException
import java.util.Locale
import javax.net.ssl.SSLException
import javax.net.ssl.SSLHandshakeException

// Why handshakes fail. Engines say it in exceptions of which most are of one class: what is no class of its own is told by its text, here only.

/** [cause] in words that say what was wrong between whom. */
internal fun handshakeFailure(
    cause: SSLException,
    peer: String,
    isClient: Boolean,
): SSLException {
    if (cause.isFromHere) return cause
    val text = cause.message.orEmpty()
    if (text.tellsOf(NO_TLS)) {
        return SSLException(
            "the TLS handshake with $peer failed: the peer does not speak TLS; what it sent is something else",
            cause,
        )
    }
    val why = certificateProblem(cause) ?: alertReceived(text, isClient) ?: ownProblem(text, isClient) ?: "${cause.message}"
    return SSLHandshakeException("the TLS handshake with $peer failed: $why").apply { initCause(cause) }
}

private val NO_TLS =
    listOf(
        "plaintext connection",
        "unsupported or unrecognized ssl message",
        "not an ssl/tls record",
        "wrong_version_number",
        "unable to parse tls packet header",
    )

private fun String.tellsOf(texts: List<String>) = texts.any { contains(it, ignoreCase = true) }

private val SSLException.isFromHere get() = message.orEmpty().startsWith("the TLS handshake")

/** The JDK could not ask for new keys: the connection had ended, in good order if there is no reason given. */
internal val SSLException.isVainKeyChange: Boolean get() = cause == null && message.orEmpty().startsWith("Cannot kickstart")

private fun certificateProblem(cause: Throwable): String? {
    val causes = generateSequence(cause) { it.cause }.toList()
    val path = causes.firstNotNullOfOrNull { it as? CertPathValidatorException }
    val expired = causes.any { it is CertificateExpiredException } || path?.reason == BasicReason.EXPIRED
    val early = causes.any { it is CertificateNotYetValidException } || path?.reason == BasicReason.NOT_YET_VALID
    val certificate = causes.firstNotNullOfOrNull { it as? CertificateException } ?: path ?: return null
    val detail = causes.last().message ?: certificate.message
    return when {
        expired -> {
            "the peer's certificate has expired ($detail)"
        }

        early -> {
            "the peer's certificate is not valid yet ($detail)"
        }

        path?.reason == BasicReason.ALGORITHM_CONSTRAINED -> {
            "the peer's certificate is signed in a way that is not accepted here ($detail)"
        }

        path == null && causes.none { it is CertPathBuilderException } -> {
            certificate.message
        }

        else -> {
            "the peer's certificate is not trusted: nobody who is has issued it ($detail)"
        }
    }
}

/** The JDK's words and, for Conscrypt, BoringSSL's. */
private val ALERT = Regex("(?:Received fatal alert: |_ALERT_)(\\w+)")

/** What the peer has said when it gave up. */
private fun alertReceived(
    text: String,
    isClient: Boolean,
): String? {
    val alert =
        ALERT
            .find(text)
            ?.groupValues
            ?.get(1)
            ?.lowercase(Locale.ROOT) ?: return null
    val meaning =
        when (alert) {
            "certificate_required" -> {
                "the peer wants a certificate of this side; set identity or keyStore"
            }

            "bad_certificate", "unsupported_certificate", "certificate_unknown", "unknown_ca", "access_denied" -> {
                // A client that has shown none is told the same by some servers.
                if (isClient) {
                    "the peer wants a certificate of this side, or does not accept the one it has got"
                } else {
                    "the peer does not accept the certificate of this side"
                }
            }

            "certificate_expired", "certificate_revoked" -> {
                "the peer finds the certificate of this side no longer valid"
            }

            "protocol_version" -> {
                "the two sides have no version of TLS in common"
            }

            "handshake_failure", "insufficient_security" -> {
                if (isClient) {
                    "the two sides have no cipher suite in common, or the peer wants a certificate of this side, or has none itself"
                } else {
                    "the two sides have no cipher suite in common"
                }
            }

            "no_application_protocol" -> {
                "the two sides have no application protocol in common"
            }

            "unrecognized_name" -> {
                if (isClient) "the peer is no server of that name" else "the peer does not accept the name"
            }

            else -> {
                "the peer gave up"
            }
        }
    return "$meaning (alert $alert)"
}

private val NO_KEY = listOf("no available authentication scheme", "no_certificate_set")
private val NO_CLIENT_CERTIFICATE =
    listOf("empty client certificate chain", "empty certificate chain", "null cert chain", "peer_did_not_return_a_certificate")
private val NO_CIPHER =
    listOf("no cipher suites in common", "no negotiable cipher suite", "no_shared_cipher", "no_ciphers_available")
private val NO_VERSION = listOf("no appropriate protocol", "protocol version", "unsupported_protocol")
private val NO_APPLICATION_PROTOCOL = listOf("no matching application layer protocol")

/** What this side has found to be impossible. */
private fun ownProblem(
    text: String,
    isClient: Boolean,
): String? =
    when {
        text.tellsOf(NO_KEY) -> {
            "this side has no certificate and key that the other one could accept; set identity or keyStore, or a context that has them"
        }

        text.tellsOf(NO_CLIENT_CERTIFICATE) -> {
            "the client has not shown the certificate that this server needs"
        }

        // Before TLS 1.3 a server without a key finds out in this way.
        text.tellsOf(NO_CIPHER) && !isClient -> {
            "the two sides have no cipher suite in common for which this one has a certificate and key; " +
                "set identity or keyStore if it has none ($text)"
        }

        text.tellsOf(NO_CIPHER) -> {
            "the two sides have no cipher suite in common ($text)"
        }

        text.tellsOf(NO_VERSION) -> {
            "the two sides have no version of TLS in common ($text)"
        }

        text.tellsOf(NO_APPLICATION_PROTOCOL) -> {
            "the two sides have no application protocol in common"
        }

        else -> {
            null
        }
    }
