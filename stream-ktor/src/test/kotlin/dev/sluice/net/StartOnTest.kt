package dev.sluice.net

import dev.sluice.StreamClosedException
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.net.InetSocketAddress
import java.nio.channels.ClosedChannelException
import java.nio.channels.ServerSocketChannel
import java.nio.file.Files

internal class StartOnTest :
    FunSpec({
        test("S-007 a server that fails between being bound and being there leaves neither channels nor a file") {
            leavingNothing {
                inFolder { folder ->
                    val path = Files.createFile(folder.resolve("socket"))
                    val bound = ServerSocketChannel.open().bind(InetSocketAddress("127.0.0.1", 0))
                    val closed = ServerSocketChannel.open().apply { close() }
                    shouldThrow<ClosedChannelException> {
                        startOn(ServerOptions.Default, ::echo) { Bound(listOf(bound, closed), SocketFile.of(path)) }
                    }
                    bound.isOpen shouldBe false
                    Files.exists(path) shouldBe false
                }
            }
        }

        test("a channel that was given to closed event loops can be served by others") {
            val loops = EventLoops(1, "closed").apply { close() }
            val channel = ServerSocketChannel.open().bind(InetSocketAddress("127.0.0.1", 0))
            shouldThrow<StreamClosedException> { startServer(channel, ServerOptions { eventLoops = loops }, ::echo) }
            startServer(channel, handler = ::echo).during { isEchoed(it.port) shouldBe true }
        }
    })
