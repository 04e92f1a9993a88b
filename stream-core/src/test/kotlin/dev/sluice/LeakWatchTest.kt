package dev.sluice

import dev.sluice.LeakWatch.Mode
import dev.sluice.testing.checkNoLeaks
import dev.sluice.testing.memoryStreamPair
import dev.sluice.testing.memoryTransportPair
import dev.sluice.transport.LossListener
import dev.sluice.transport.OpenedAt
import dev.sluice.transport.Transport
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldEndWith
import io.kotest.matchers.string.shouldStartWith
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.delay
import java.io.IOException
import kotlin.time.Duration.Companion.milliseconds

internal class LeakWatchTest : FunSpec({
    // Of what others have left it is not to be said that it was looked for in vain.
    beforeSpec { checkNoLeaks() }
    beforeTest { LeakWatch.collect() }

    val before = LeakWatch.mode
    afterTest { LeakWatch.mode = before }

    test("a forgotten connection is aborted, and reported once, with the place that opened it") {
        LeakWatch.mode = Mode.ALWAYS
        val peer = forgotten()
        val message = shouldThrow<AssertionError> { checkNoLeaks() }.message!!
        message shouldStartWith "1 connections were not closed:\nA connection to peer.example/<unresolved>:7 was never closed, " +
            "and nobody can do it any more: it was opened at dev.sluice.LeakWatchTestKt.forgotten(LeakWatchTest.kt:"
        checkNoLeaks()
        shouldThrow<ConnectionResetException> { peer.reader.read() }
    }

    test("it is closed although nobody opens another one, or asks") {
        LeakWatch.mode = Mode.ALWAYS
        val peer = forgotten()
        val end = async(Dispatchers.IO) { runCatching { peer.reader.read() }.exceptionOrNull() }
        while (!end.isCompleted) {
            System.gc()
            delay(1.milliseconds)
        }
        end.await().shouldBeInstanceOf<ConnectionResetException>()
        shouldThrow<AssertionError> { checkNoLeaks() }
    }

    test("one that can't be closed keeps no other from being found") {
        LeakWatch.mode = Mode.ALWAYS
        forgetUnabortable()
        forgotten()
        // Stale slots of this stack hold on to nothing then.
        delay(1.milliseconds)
        LeakWatch.collect().size shouldBe 2
        forgotten()
        LeakWatch.collect().size shouldBe 1
    }

    test("those that take their time to be closed are all found at once") {
        LeakWatch.mode = Mode.ALWAYS
        val owner = LossListener {}
        repeat(5) { LeakWatch.watch(owner, SlowToAbort(memoryTransportPair().first))!!.enqueue() }
        LeakWatch.collect().size shouldBe 5
        owner.lost(IOException("it was there all the time"))
    }

    test("without the place the report says how to learn it") {
        LeakWatch.mode = Mode.SAMPLED
        repeat(2) { forgotten() }
        val message = shouldThrow<AssertionError> { checkNoLeaks() }.message!!
        message shouldStartWith "2 connections were not closed:"
        message shouldEndWith "-Ddev.sluice.leaks=always says where each was opened"
    }

    test("one that was closed is none, nor is one of which a half is in use, or one in memory, or any where nobody looks") {
        LeakWatch.mode = Mode.ALWAYS
        Connection(Holding(memoryTransportPair().first)).close()
        val reader = Connection(Holding(memoryTransportPair().first)).reader
        memoryStreamPair()
        checkNoLeaks()
        reader.atEof shouldBe false
        LeakWatch.mode = Mode.OFF
        forgotten()
        checkNoLeaks()
        OpenedAt.note() shouldBe null
    }

    test("a place is noted for one in 128, or always") {
        LeakWatch.mode = Mode.SAMPLED
        List(1_280) { OpenedAt.note() }.count { it != null } shouldBe 10
        LeakWatch.mode = Mode.ALWAYS
        OpenedAt.note() shouldNotBe null
        OpenedAt.note().toString() shouldContain "the connection was opened here"
    }

    test("modes are read in any case, and what is none is the usual one") {
        LeakWatch.modeOf(null) shouldBe Mode.SAMPLED
        LeakWatch.modeOf("OFF") shouldBe Mode.OFF
        LeakWatch.modeOf("always") shouldBe Mode.ALWAYS
        LeakWatch.modeOf("never") shouldBe Mode.SAMPLED
    }
})

/** The peer of a connection that is in nobody's hands when this returns. */
private fun forgotten(): Connection {
    val (transport, peer) = memoryTransportPair()
    Connection(Holding(transport))
    return Connection(peer)
}

private class SlowToAbort(
    inner: Transport,
) : Transport by inner {
    override val info: StreamInfo = StreamInfo.None

    override fun abort(): Unit = Thread.sleep(50)
}

private fun forgetUnabortable() {
    Connection(Unabortable(memoryTransportPair().first))
}

/** Somebody's transport with a bug. */
private class Unabortable(
    inner: Transport,
) : Transport by inner {
    override val info: StreamInfo = StreamInfo.None

    override fun abort(): Unit = error("not again")
}

/** Holds something, as far as one can see. */
private class Holding(
    inner: Transport,
) : Transport by inner {
    override val info: StreamInfo = FixedInfo(mapOf(InfoKey.PeerAddress to SOMEWHERE))
}
