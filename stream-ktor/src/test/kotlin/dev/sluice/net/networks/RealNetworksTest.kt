package dev.sluice.net.networks

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.maps.shouldContainAll
import io.kotest.matchers.string.shouldStartWith

private const val TIMED_OUT = "dev.sluice.ConnectTimeoutException no connection to $FAR:"
private const val IDLE = "dev.sluice.IdleTimeoutException no byte went either way on the connection "

/** Over a route that behaves like one, in a network that each test has for itself. */
internal class RealNetworksTest :
    FunSpec({
        testUnless(
            OwnNetwork.noCable,
            "every byte comes both ways over a network that loses packets, sends some twice and lets them overtake each other",
        ) {
            val told = OwnNetwork.play("rough")
            told shouldContainAll bothWays("TCP", "TLS", "IPv6")
            for (accident in listOf("lost", "duplicated", "overtaken")) told.number(accident) shouldBeGreaterThan 10
        }

        testUnless(OwnNetwork.noNetem, "every byte comes both ways over a loopback device that netem makes a bad one") {
            val told = OwnNetwork.play("netem")
            told shouldContainAll bothWays("TCP", "TLS")
            told.number("sent again") shouldBeGreaterThan 0
        }

        testUnless(OwnNetwork.noCable, "with the cable pulled a connect times out and a drain waits; with it back all goes on") {
            val told = OwnNetwork.play("pulled")
            told.getValue("a connect") shouldStartWith TIMED_OUT
            told shouldContainAll
                mapOf(
                    "the drain waits" to "true",
                    "after it was plugged in" to "exact",
                    "a line" to "still there",
                    "another connection" to "exact",
                )
        }

        testUnless(OwnNetwork.noCable, "with the cable pulled the idle timeout ends a read, a drain and both handlers") {
            val told = OwnNetwork.play("idle")
            told shouldContainAll mapOf("for twice the timeout" to "lines came back", "clients left" to "0")
            val all = listOf("a read", "a drain", "the end", "a handler", "the other handler")
            for (who in all) told.getValue(who) shouldStartWith IDLE
        }

        testUnless(OwnNetwork.noCable, "a client that left while the cable was pulled is a reset to a server that speaks to it") {
            val told = OwnNetwork.play("absent")
            told shouldContainAll mapOf("a line" to "here I am", "clients" to "1")
            told.getValue("the server") shouldStartWith "dev.sluice.ConnectionResetException "
        }

        testUnless(OwnNetwork.noCable, "without a route a connect fails at once, and a connection outlives it") {
            val told = OwnNetwork.play("down")
            told.getValue("a connect") shouldStartWith "java.net.SocketException Network is unreachable: $FAR:"
            told shouldContainAll mapOf("before" to "x", "a write is no failure" to "true", "afterwards" to "y")
        }

        testUnless(OwnNetwork.noCable, "every byte comes in small packets, too, also when they become small on the way") {
            val told = OwnNetwork.play("small")
            told shouldContainAll
                mapOf("longest before" to "1500", "longest after" to "$SMALL", "small there" to "exact", "small back" to "exact")
            told.number("packets of the exchange") shouldBeGreaterThan 2 * 256 * 1024 / SMALL
        }

        testUnless(OwnNetwork.noCable, "a slow network holds the writer back") {
            val told = OwnNetwork.play("slow")
            told shouldContainAll mapOf("all" to "exact")
            // A second's worth of bytes, less what waits in the buffers on the way.
            told.number("milliseconds") shouldBeGreaterThan 800
            told.number("milliseconds of the drain") shouldBeGreaterThan 400
        }
    })

private fun bothWays(vararg names: String) = names.flatMap { listOf("$it there" to "exact", "$it back" to "exact") }.toMap()

private fun Map<String, String>.number(name: String) = getValue(name).toInt()
