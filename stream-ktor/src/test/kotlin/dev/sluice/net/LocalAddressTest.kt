package dev.sluice.net

import dev.sluice.AllAddressesFailedException
import dev.sluice.InfoKey
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.throwables.shouldThrowExactly
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import java.net.BindException
import java.net.ConnectException
import java.net.InetSocketAddress
import java.net.SocketAddress
import java.net.UnknownHostException
import java.nio.channels.UnresolvedAddressException

internal class LocalAddressTest :
    FunSpec({
        fun from(
            address: InetSocketAddress,
            vararg found: String,
        ) = ConnectOptions {
            localAddress = address
            if (found.isNotEmpty()) resolver = always(*found)
        }

        test("C-060 the local address is that of this side, and the peer sees it") {
            ListeningPort().use { server ->
                val connection = openConnection("127.0.0.1", server.port, from(InetSocketAddress("127.0.0.2", 0)))
                val local = connection.info[InfoKey.LocalAddress].shouldBeInstanceOf<InetSocketAddress>()
                local.address shouldBe ip("127.0.0.2")
                local.port shouldBeGreaterThan 0
                server.accept().use { it.remoteAddress shouldBe local }
                connection.abort()
            }
        }

        test("C-061, J-008 a local address that is not of this machine is a BindException that names it") {
            ListeningPort().use { server ->
                leavingNothing {
                    val failure =
                        shouldThrowExactly<BindException> {
                            openConnection("127.0.0.1", server.port, from(InetSocketAddress("203.0.113.1", 0)))
                        }
                    failure.message shouldContain "local address /203.0.113.1:0"
                    server.acceptNow().shouldBeNull()
                }
            }
        }

        test("C-061 a local port that is taken is a BindException that names it") {
            ListeningPort().use { server ->
                RefusingPort("127.0.0.2").use { taken ->
                    val failure =
                        shouldThrowExactly<BindException> {
                            openConnection("127.0.0.1", server.port, from(InetSocketAddress("127.0.0.2", taken.port)))
                        }
                    failure.message shouldContain "Address already in use"
                    failure.message shouldContain "local address /127.0.0.2:${taken.port}"
                }
            }
        }

        test("C-063 addresses of another family than the local one are left out") {
            ListeningPort("127.0.0.3").use { server ->
                val options = from(InetSocketAddress("127.0.0.2", 0), "::1", "127.77.0.1", "::2", "127.0.0.3")
                val connection = openConnection("db", server.port, options)
                connection.info[InfoKey.PeerAddress] shouldBe InetSocketAddress("127.0.0.3", server.port)
                connection.abort()

                val lost = from(InetSocketAddress("127.0.0.2", 0), "::1", "127.77.0.1", "127.77.0.2")
                shouldThrow<AllAddressesFailedException> { openConnection("db", server.port, lost) }.causes shouldHaveSize 2
            }
        }

        test("C-063 a local address of another family than all of the host's is a BindException that names both") {
            val failure =
                shouldThrowExactly<BindException> {
                    openConnection(
                        "db",
                        9,
                        from(InetSocketAddress("127.0.0.2", 0), "::1", "::2"),
                    )
                }
            failure.message shouldContain "the local address /127.0.0.2:0 is of another family than"
            for (address in listOf("::1", "::2")) failure.message shouldContain InetSocketAddress(address, 9).toString()
            failure.message shouldContain "of db"
        }

        test("C-063 a wildcard as the local address goes with both families") {
            for (host in listOf("127.0.0.1", "::1")) {
                ListeningPort(host).use { server ->
                    for (any in listOf("0.0.0.0", "::")) {
                        val connection = openConnection(host, server.port, from(InetSocketAddress(any, 0)))
                        connection.info[InfoKey.LocalAddress].shouldBeInstanceOf<InetSocketAddress>().address shouldBe ip(host)
                        connection.abort()
                    }
                }
            }
        }

        test("C-060, J-009 a local port that is given serves one address after another") {
            repeat(20) {
                val free = RefusingPort("127.0.0.2").use { it.port }
                ListeningPort("127.0.0.3").use { server ->
                    val options = from(InetSocketAddress("127.0.0.2", free), "127.77.0.1", "127.77.0.2", "127.0.0.3")
                    val connection = openConnection("db", server.port, options)
                    connection.info[InfoKey.LocalAddress] shouldBe InetSocketAddress("127.0.0.2", free)
                    connection.abort()
                    connection.awaitClosed()
                }
            }
        }

        test("J-007 a local address that has not been resolved is an UnknownHostException that names it") {
            leavingNothing {
                val failure =
                    shouldThrowExactly<UnknownHostException> {
                        openConnection("127.0.0.1", 9, from(InetSocketAddress.createUnresolved("here.example", 7)))
                    }
                failure.message shouldContain "the address has not been resolved: local address here.example"
                failure.origin().shouldBeInstanceOf<UnresolvedAddressException>()
            }
        }

        test("a local address that is none of TCP is refused") {
            val unix = object : SocketAddress() {}
            shouldThrowExactly<IllegalArgumentException> {
                openConnection(
                    "127.0.0.1",
                    9,
                    ConnectOptions { localAddress = unix },
                )
            }.message shouldContain "localAddress must be an InetSocketAddress for TCP"
        }

        for (digits in listOf("127.0.0.1", "::1")) {
            test("C-056 a socket of $digits that meets itself is refused, as nobody listens") {
                leavingNothing {
                    val free = RefusingPort(digits).use { it.port }
                    val failure =
                        shouldThrowExactly<ConnectException> {
                            openConnection(
                                digits,
                                free,
                                from(InetSocketAddress(digits, free)),
                            )
                        }
                    failure.message shouldContain "Connection refused"
                    failure.message shouldContain "$digits:$free"
                    failure.message shouldContain "the socket met itself"
                }
            }
        }

        test("C-056 an address at which a socket meets itself is followed by the next") {
            val free = RefusingPort().use { it.port }
            val options = from(InetSocketAddress("127.0.0.1", free), "127.0.0.1", "127.77.0.1")
            val failure = shouldThrow<AllAddressesFailedException> { openConnection("db", free, options) }
            failure.causes shouldHaveSize 2
            failure.causes[0].message shouldContain "the socket met itself"
            // What that says is the system's affair: to many the local port is still taken by the one before.
            failure.causes[1].message shouldContain "db:$free (/127.77.0.1:$free)"
        }
    })
