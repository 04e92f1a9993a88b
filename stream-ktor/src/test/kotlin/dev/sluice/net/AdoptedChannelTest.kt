package dev.sluice.net

import dev.sluice.InfoKey
import dev.sluice.StreamClosedException
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.throwables.shouldThrowExactly
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlinx.coroutines.withContext
import java.net.InetSocketAddress
import java.net.StandardSocketOptions
import java.nio.ByteBuffer
import java.nio.channels.SelectionKey
import java.nio.channels.Selector
import java.nio.channels.SocketChannel
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.CountDownLatch
import kotlin.time.Duration
import kotlin.time.Duration.Companion.nanoseconds

internal class AdoptedChannelTest :
    FunSpec({
        test("C-070 a blocking channel is made non-blocking, and closing the connection closes it") {
            PlainPair().use { (mine, peer) ->
                mine.isBlocking shouldBe true
                val connection = openConnection(mine)
                mine.isBlocking shouldBe false
                connection.info[InfoKey.Channel] shouldBeSameInstanceAs mine
                connection.info[InfoKey.PeerAddress] shouldBe peer.localAddress
                connection.info[InfoKey.LocalAddress] shouldBe peer.remoteAddress

                connection.writer.write("hello")
                connection.writer.drain()
                peer.receiveText(5) shouldBe "hello"
                peer.write(ByteBuffer.wrap("there\n".toByteArray()))
                connection.reader.readLine() shouldBe "there"

                connection.close()
                peer.receiveText(1) shouldBe ""
                peer.close()
                connection.awaitClosed()
                eventually("the channel is closed") { !mine.isOpen }
            }
        }

        test("C-071 bytes that wait already are what the first read gives") {
            PlainPair().use { (mine, peer) ->
                peer.write(ByteBuffer.wrap("early".toByteArray()))
                val connection = openConnection(mine)
                connection.reader.readExactly(5).decodeToString() shouldBe "early"
                connection.abort()
            }
        }

        test("C-072 a peer that has gone already is an end of input, not a failure") {
            PlainPair().use { (mine, peer) ->
                peer.close()
                val connection = openConnection(mine)
                connection.reader.read().size shouldBe 0
                connection.reader.atEof shouldBe true
                connection.abort()
            }
        }

        test("C-073, C-002 a channel that is not connected is refused, and is as it was") {
            SocketChannel.open().use { channel ->
                shouldThrowExactly<IllegalArgumentException> { openConnection(channel) }.message shouldContain "is not connected"
                channel.isOpen shouldBe true
                channel.isBlocking shouldBe true
                channel.isRegistered shouldBe false
                ListeningPort().use { server ->
                    channel.connect(InetSocketAddress("127.0.0.1", server.port))
                    openConnection(channel).abort()
                }
            }
        }

        test("C-074 a channel that is closed is a StreamClosedException") {
            PlainPair().use { (mine) ->
                mine.close()
                shouldThrowExactly<StreamClosedException> { openConnection(mine) }.message shouldContain "is closed already"
                mine.isRegistered shouldBe false
            }
        }

        test("C-075 a channel that a connection drives is refused, and the connection goes on") {
            PlainPair().use { (mine, peer) ->
                val first = openConnection(mine)
                shouldThrowExactly<IllegalStateException> { openConnection(mine) }.message shouldContain "in use"
                peer.write(ByteBuffer.wrap("still\n".toByteArray()))
                first.reader.readLine() shouldBe "still"
                shouldThrowExactly<IllegalStateException> { openConnection(mine) }.message shouldContain "in use"
                first.abort()
            }
        }

        test("C-075 so is one to which the loop of its connection has not come yet") {
            EventLoops(1, "adopting").use { loops ->
                PlainPair().use { (mine) ->
                    val busy = CountDownLatch(1)
                    loops.next().execute(busy::await)
                    try {
                        val first = openConnection(mine, ConnectOptions { eventLoops = loops })
                        mine.isRegistered shouldBe false
                        shouldThrowExactly<IllegalStateException> { openConnection(mine) }
                            .message shouldContain "in use by another connection"
                        first.abort()
                    } finally {
                        busy.countDown()
                    }
                }
            }
        }

        test("C-075 a connection's own channel is refused, and the connection goes on") {
            ListeningPort().use { server ->
                val first = openConnection("127.0.0.1", server.port)
                val channel = first.info[InfoKey.Channel] as SocketChannel
                server.accept().use { peer ->
                    peer.write(ByteBuffer.wrap("one\n".toByteArray()))
                    first.reader.readLine() shouldBe "one"
                    shouldThrowExactly<IllegalStateException> { openConnection(channel) }
                    peer.write(ByteBuffer.wrap("two\n".toByteArray()))
                    first.reader.readLine() shouldBe "two"
                }
                first.abort()
            }
        }

        test("C-075, C-002 a channel that a selector of the caller's watches is refused, and is as it was") {
            PlainPair().use { (mine) ->
                Selector.open().use { selector ->
                    mine.configureBlocking(false)
                    val key = mine.register(selector, SelectionKey.OP_READ)
                    shouldThrowExactly<IllegalStateException> { openConnection(mine) }.message shouldContain "in use"
                    key.isValid shouldBe true
                    key.interestOps() shouldBe SelectionKey.OP_READ
                    mine.isOpen shouldBe true
                }
            }
        }

        test("C-025, C-002 a localAddress is refused, and the channel is as it was") {
            PlainPair().use { (mine, peer) ->
                val options = ConnectOptions { localAddress = InetSocketAddress("127.0.0.1", 0) }
                shouldThrowExactly<IllegalArgumentException> { openConnection(mine, options) }.message shouldContain
                    "localAddress"
                mine.isOpen shouldBe true
                mine.isBlocking shouldBe true
                mine.getOption(StandardSocketOptions.TCP_NODELAY) shouldBe false
                peer.write(ByteBuffer.wrap("x".toByteArray()))
                mine.receiveText(1) shouldBe "x"
            }
        }

        test("C-025, C-065 noDelay, keepAlive and the sizes of the buffers apply") {
            PlainPair().use { (mine) ->
                mine.getOption(StandardSocketOptions.TCP_NODELAY) shouldBe false
                openConnection(mine).abort()
            }
            val asked = listOf(ConnectOptions.Default, ConnectOptions { noDelay = false }, ConnectOptions { keepAlive = true })
            val settings =
                asked.map { options ->
                    PlainPair().use { (mine) ->
                        val connection = openConnection(mine, options)
                        val set =
                            mine.getOption(StandardSocketOptions.TCP_NODELAY) to
                                mine.getOption(StandardSocketOptions.SO_KEEPALIVE)
                        connection.abort()
                        set
                    }
                }
            settings shouldContainExactly listOf(true to false, false to false, true to true)

            PlainPair().use { (mine, peer) ->
                peer.setOption(StandardSocketOptions.SO_SNDBUF, 20_000).setOption(StandardSocketOptions.SO_RCVBUF, 30_000)
                val options =
                    ConnectOptions {
                        sendBuffer = 20_000
                        receiveBuffer = 30_000
                    }
                val connection = openConnection(mine, options)
                for (option in listOf(StandardSocketOptions.SO_SNDBUF, StandardSocketOptions.SO_RCVBUF)) {
                    mine.getOption(option) shouldBe peer.getOption(option)
                }
                connection.abort()
            }
        }

        test("C-025 options on looking up and connecting have nothing to do") {
            PlainPair().use { (mine, peer) ->
                val options =
                    ConnectOptions {
                        family = AddressFamily.IPV6
                        resolver = Resolver { throw AssertionError("was asked for $it") }
                        connectTimeout = 1.nanoseconds
                        happyEyeballsDelay = Duration.ZERO
                        interleave = 0
                    }
                val connection = openConnection(mine, options)
                peer.write(ByteBuffer.wrap("fine\n".toByteArray()))
                connection.reader.readLine() shouldBe "fine"
                connection.abort()
            }
        }

        test("C-078 a Unix channel is adopted, and options of TCP are none of its").config(enabledOrReasonIf = unixChannels) {
            val folder = Files.createTempDirectory("sluice")
            val path = folder.resolve("s")
            val server = startUnixServer(path) { (reader, writer) -> reader.copyTo(writer) }
            val options =
                ConnectOptions {
                    noDelay = true
                    keepAlive = true
                    sendBuffer = 20_000
                }
            val channel = openUnixChannel(path)
            val connection = openConnection(channel, options)
            connection.info[InfoKey.Channel] shouldBeSameInstanceAs channel
            connection.writer.write("hello\n")
            connection.reader.readLine() shouldBe "hello"
            connection.close()
            connection.awaitClosed()
            eventually("the channel is closed") { !channel.isOpen }
            server.close()
            server.awaitClosed()
            Files.delete(folder)
        }

        test("C-030, C-070 an adopted channel lives on the loop of its caller") {
            EventLoops(2, "adopted-here").use { loops ->
                val loop = loops.next()
                PlainPair().use { (mine, peer) ->
                    withContext(loop) {
                        val connection = openConnection(mine)
                        loop.isInLoop shouldBe true
                        loop.keyOf(mine)!!.isValid shouldBe true
                        peer.write(ByteBuffer.wrap("x\n".toByteArray()))
                        connection.reader.readLine() shouldBe "x"
                        connection.abort()
                    }
                }
            }
        }

        test(
            "C-074, J-013 a connection on a loop that has ended is a StreamClosedException, and the channel stays the caller's",
        ) {
            val loops = EventLoops(1, "ended")
            loops.close()
            PlainPair().use { (mine) ->
                shouldThrow<StreamClosedException> { openConnection(mine, ConnectOptions { eventLoops = loops }).reader.read(1) }
                mine.isOpen shouldBe true
            }
        }
    })

/** Two blocking channels of the JDK's that are connected to each other. */
private class PlainPair : AutoCloseable {
    private val mine: SocketChannel
    private val peer: SocketChannel

    init {
        ListeningPort().use {
            mine = SocketChannel.open(InetSocketAddress("127.0.0.1", it.port))
            peer = it.accept()
        }
    }

    operator fun component1(): SocketChannel = mine

    operator fun component2(): SocketChannel = peer

    override fun close() {
        mine.close()
        peer.close()
    }
}

/** What comes, up to [count] bytes; less at the end. */
private fun SocketChannel.receiveText(count: Int): String = receive(count).decodeToString()

private val unixChannels: (io.kotest.core.test.TestCase) -> io.kotest.core.test.Enabled = {
    if (Runtime.version().feature() >= 16) {
        io.kotest.core.test.Enabled.enabled
    } else {
        io.kotest.core.test.Enabled
            .disabled("Unix channels came with Java 16")
    }
}

/** By reflection: class files for Java 11 can't name the address. */
private fun openUnixChannel(path: Path): SocketChannel {
    val address = Class.forName("java.net.UnixDomainSocketAddress").getMethod("of", Path::class.java).invoke(null, path)
    return SocketChannel::class.java.getMethod("open", java.net.SocketAddress::class.java).invoke(null, address) as SocketChannel
}
