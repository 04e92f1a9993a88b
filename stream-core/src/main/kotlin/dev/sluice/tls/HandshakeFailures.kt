package dev.sluice.tls

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
    val text = cause.message.orEmpty().lowercase(Locale.ROOT)
    if (NO_TLS.any { it in text }) {
        return SSLException(
            "the TLS handshake with $peer failed: the peer does not speak TLS; what it sent is something else",
            cause,
        )
    }
    val why = certificateProblem(cause) ?: alertReceived(text, isClient) ?: ownProblem(text, isClient) ?: "${cause.message}"
    return SSLHandshakeException("the TLS handshake with $peer failed: $why").apply { initCause(cause) }
}

private val NO_TLS =
    listOf("plaintext connection", "unsupported or unrecognized ssl message", "not an ssl/tls record", "wrong_version_number")

private val SSLException.isFromHere get() = message.orEmpty().startsWith("the TLS handshake")

private fun certificateProblem(cause: Throwable): String? {
    val causes = generateSequence(cause) { it.cause }.toList()
    val path = causes.firstNotNullOfOrNull { it as? CertPathValidatorException }
    val expired = causes.any { it is CertificateExpiredException } || path?.reason == BasicReason.EXPIRED
    val early = causes.any { it is CertificateNotYetValidException } || path?.reason == BasicReason.NOT_YET_VALID
    val certificate = causes.firstNotNullOfOrNull { it as? CertificateException } ?: path ?: return null
    val detail = causes.last().message ?: certificate.message
    return when {
        expired -> "the peer's certificate has expired ($detail)"
        early -> "the peer's certificate is not valid yet ($detail)"
        path == null && causes.none { "path" in it.message.orEmpty() } -> certificate.message
        else -> "the peer's certificate is not trusted: nobody who is has issued it ($detail)"
    }
}

/** What the peer has said when it gave up. */
private fun alertReceived(
    text: String,
    isClient: Boolean,
): String? {
    if ("received fatal alert" !in text) return null
    val alert = text.substringAfter("received fatal alert:").trim()
    val meaning =
        when (alert) {
            "certificate_required" -> {
                "the peer wants a certificate of this side; set identity or keyStore"
            }

            "bad_certificate", "unsupported_certificate", "certificate_unknown", "unknown_ca", "access_denied" -> {
                "the peer does not accept the certificate of this side"
            }

            "certificate_expired", "certificate_revoked" -> {
                "the peer finds the certificate of this side no longer valid"
            }

            "protocol_version" -> {
                "the two sides have no version of TLS in common"
            }

            "handshake_failure", "insufficient_security" -> {
                "the two sides have no cipher suite in common, or the peer wants a certificate of this side"
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

/** What this side has found to be impossible. */
private fun ownProblem(
    text: String,
    isClient: Boolean,
): String? =
    when {
        "no available authentication scheme" in text || "no key" in text -> {
            "this side has no certificate and key that the other one could accept; set identity or keyStore, or a context that has them"
        }

        "empty client certificate chain" in text || "empty certificate chain" in text || "null cert chain" in text -> {
            "the client has not shown the certificate that this server needs"
        }

        "no cipher suites in common" in text || "no negotiable cipher suite" in text -> {
            "the two sides have no cipher suite in common ($text)"
        }

        "no appropriate protocol" in text || "protocol version" in text -> {
            "the two sides have no version of TLS in common ($text)"
        }

        "no matching application layer protocol" in text -> {
            "the two sides have no application protocol in common"
        }

        isClient && "handshake_failure" in text -> {
            "the two sides could not agree ($text)"
        }

        else -> {
            null
        }
    }
