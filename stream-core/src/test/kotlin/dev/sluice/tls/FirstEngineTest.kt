package dev.sluice.tls

import dev.sluice.testing.memoryStreamPair
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import kotlinx.coroutines.CoroutineStart.UNDISPATCHED
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import java.security.SecureRandom
import java.util.Collections
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit.MINUTES
import javax.net.ssl.KeyManager
import javax.net.ssl.SSLContext
import javax.net.ssl.SSLContextSpi
import javax.net.ssl.SSLEngine
import javax.net.ssl.TrustManager

/** Where engines are made: the first takes its time, and a caller may be on an event loop. */
internal class FirstEngineTest : FunSpec({
    test("the first engine of options is made off the caller's thread, the next ones on it") {
        val context = WatchedContext(clientContext)
        val options = clientTls { this.context = context }
        runBlocking {
            repeat(3) { upgrade(options) }
            val here = Thread.currentThread()
            context.makers shouldHaveSize 3
            context.makers[0] shouldNotBe here
            context.makers[1] shouldBe here
            context.makers[2] shouldBe here
        }
    }

    test("what is written while the first engine is made is encrypted") {
        val (client, server) = memoryStreamPair()
        val ready = CountDownLatch(1)
        val context =
            WatchedContext(clientContext, before = { check(ready.await(1, MINUTES)) { "the caller waits for the engine" } })
        runBlocking {
            val upgraded = async(start = UNDISPATCHED) { client.startTls(clientTls { this.context = context }) }
            client.writer.write("secret\n")
            ready.countDown()
            launch { server.startTls(serverTls()) }
            upgraded.await()
            server.reader.readLine() shouldBe "secret"
        }
        client.abort()
        server.abort()
    }
})

private suspend fun upgrade(options: TlsOptions) {
    val (client, server) = memoryStreamPair()
    coroutineScope {
        launch { server.startTls(serverTls()) }
        client.startTls(options)
    }
    client.abort()
    server.abort()
}

/** Keeps who made engines. */
private class WatchedContext private constructor(
    private val spi: WatchedSpi,
    inner: SSLContext,
) : SSLContext(spi, inner.provider, inner.protocol) {
    constructor(inner: SSLContext, before: () -> Unit = {}) : this(WatchedSpi(inner, before), inner)

    val makers: List<Thread> get() = spi.makers
}

private class WatchedSpi(
    private val inner: SSLContext,
    private val before: () -> Unit,
) : SSLContextSpi() {
    val makers: MutableList<Thread> = Collections.synchronizedList(ArrayList())

    override fun engineCreateSSLEngine(
        host: String,
        port: Int,
    ): SSLEngine {
        before()
        makers += Thread.currentThread()
        return inner.createSSLEngine(host, port)
    }

    override fun engineCreateSSLEngine(): SSLEngine = inner.createSSLEngine()

    override fun engineInit(
        keys: Array<KeyManager>?,
        trust: Array<TrustManager>?,
        random: SecureRandom?,
    ): Unit = throw IllegalStateException("the inner context is ready")

    override fun engineGetSocketFactory() = inner.socketFactory

    override fun engineGetServerSocketFactory() = inner.serverSocketFactory

    override fun engineGetServerSessionContext() = inner.serverSessionContext

    override fun engineGetClientSessionContext() = inner.clientSessionContext
}
