package dev.sluice.net
import dev.sluice.*
import kotlin.coroutines.CoroutineContext
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlin.time.Duration.Companion.milliseconds
public enum class AddressFamily { ANY, IPV4, IPV6 }
public class ConnectOptions(b: Builder) {
  public class Builder { public var eventLoops: EventLoops? = null; public var localAddress: java.net.SocketAddress? = null }
  public val limit: Int = 65536
  public val writeLimit: Int = DEFAULT_WRITE_LIMIT
  public val closeTimeout: Duration = 30.seconds
  public val connectTimeout: Duration = 30.seconds
  public val localAddress: java.net.SocketAddress? = b.localAddress
  public val noDelay: Boolean = true
  public val keepAlive: Boolean = false
  public val sendBuffer: Int? = null
  public val receiveBuffer: Int? = null
  public val eventLoops: EventLoops? = b.eventLoops
  public companion object { public val Default: ConnectOptions = ConnectOptions(Builder()); public operator fun invoke(c: Builder.()->Unit): ConnectOptions = ConnectOptions(Builder().apply(c)) }
}
public class ServerOptions(b: Builder) {
  public class Builder { public var eventLoops: EventLoops? = null }
  public val limit: Int = 65536
  public val writeLimit: Int = DEFAULT_WRITE_LIMIT
  public val closeTimeout: Duration = 30.seconds
  public val noDelay: Boolean = true
  public val keepAlive: Boolean = false
  public val family: AddressFamily = AddressFamily.ANY
  public val backlog: Int = 100
  public val reuseAddress: Boolean = true
  public val reusePort: Boolean = false
  public val startServing: Boolean = true
  public val cleanupSocket: Boolean = true
  public val maxConnections: Int = Int.MAX_VALUE
  public val context: CoroutineContext? = null
  public val onError: (Connection?, Throwable) -> Unit = { _, e -> e.printStackTrace() }
  public val eventLoops: EventLoops? = b.eventLoops
  public companion object { public val Default: ServerOptions = ServerOptions(Builder()); public operator fun invoke(c: Builder.()->Unit): ServerOptions = ServerOptions(Builder().apply(c)) }
}
