package dev.sluice.net

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeSameInstanceAs
import java.io.IOException
import java.net.BindException
import java.net.ConnectException
import java.net.NoRouteToHostException
import java.net.SocketException
import java.net.UnknownHostException
import java.nio.channels.ClosedChannelException
import java.nio.channels.UnresolvedAddressException
import java.nio.channels.UnsupportedAddressTypeException

internal class ConnectFailuresTest :
    FunSpec({
        test("J-008 a failure to connect stays of its class, names the address, and has the original as its cause") {
            val failures =
                listOf(
                    ConnectException("Connection refused"),
                    BindException("Cannot assign requested address"),
                    NoRouteToHostException("No route to host"),
                    SocketException("Network is unreachable"),
                )
            for (original in failures) {
                val told = original.about("db:80 (/10.0.0.1:80)")
                withClue(original) {
                    told.javaClass shouldBe original.javaClass
                    told.message shouldBe "${original.message}: db:80 (/10.0.0.1:80)"
                    told.cause shouldBeSameInstanceAs original
                }
            }
        }

        test("J-008 a failure without a message is told by its class") {
            SocketException().about("db:80").message shouldBe "SocketException: db:80"
        }

        test("J-007 an address that was not resolved is an UnknownHostException") {
            val original = UnresolvedAddressException()
            val told = original.about("db:80")
            told.javaClass shouldBe UnknownHostException::class.java
            told.message shouldBe "the address has not been resolved: db:80"
            told.cause shouldBeSameInstanceAs original
        }

        test("J-035 an address of a kind that this JVM can't use is a SocketException") {
            val original = UnsupportedAddressTypeException()
            val told = original.about("[::1]:80")
            told.javaClass shouldBe SocketException::class.java
            told.message shouldBe "this JVM can't use addresses of this kind: [::1]:80"
            told.cause shouldBeSameInstanceAs original
        }

        test("C-056 a channel that was closed because it met itself was refused") {
            ClosedChannelException().about("db:80").javaClass shouldBe ConnectException::class.java
        }

        test("C-051 what is something else stays what it is") {
            for (other in listOf(IOException("odd"), IllegalStateException("a bug"), OutOfMemoryError())) {
                other.about("db:80") shouldBeSameInstanceAs other
            }
        }
    })
