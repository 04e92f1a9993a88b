package dev.sluice.bench.tls;

import java.io.IOException;
import java.security.GeneralSecurityException;

/**
 * A server on the loopback interface, with TCP_NODELAY on every connection. In the work that is sending it sends until the client
 * leaves; in the others it reads to the end and closes.
 */
interface TlsServer {
    /** Starts it; its port. */
    int start(Identity identity, Work work) throws IOException, GeneralSecurityException;
}
