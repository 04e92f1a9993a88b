package dev.sluice.testing

import dev.sluice.ConnectionResetException
import dev.sluice.StreamClosedException
import dev.sluice.transport.Transport
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.yield
import java.io.IOException
import kotlin.time.Duration.Companion.seconds

private typealias Wrap = (Transport) -> Transport

private enum class Check { ONE_WAY, TWO_WAY, HALF_CLOSEABLE }

/** Each way of being wrong is found by the rule that is named for it. */
internal class StreamConformanceFindsTest : FunSpec({
    fun finds(
        what: String,
        rule: String,
        check: Check = Check.ONE_WAY,
        make: () -> Pair<Transport, Transport>,
    ) {
        test("finds $what") {
            val failure =
                shouldThrow<AssertionError> {
                    when (check) {
                        Check.ONE_WAY -> checkOneWayStream(timeLimit = 1.seconds) { make() }
                        Check.TWO_WAY -> checkTwoWayStream(timeLimit = 1.seconds) { make() }
                        Check.HALF_CLOSEABLE -> checkHalfCloseableStream(timeLimit = 1.seconds) { make() }
                    }
                }
            failure.message.orEmpty() shouldContain "breaks the rule \"$rule"
            failure.message.orEmpty() shouldContain Regex("expected .+, saw .+")
        }
    }

    fun findsInSender(
        what: String,
        rule: String,
        check: Check = Check.ONE_WAY,
        wrap: Wrap,
    ) = finds("a sender that $what", rule, check) { memoryTransportPair().let { (a, b) -> wrap(a) to b } }

    fun findsInReceiver(
        what: String,
        rule: String,
        wrap: Wrap,
    ) = finds("a receiver that $what", rule) { memoryTransportPair().let { (a, b) -> a to wrap(b) } }

    val sameBytes = "the bytes that were written are read, each once and in order"
    val readBounds = "tryRead moves bytes between the position and the limit of its buffer"
    val writeBounds = "tryWrite moves bytes between the position and the limit of its buffer"

    findsInReceiver("reorders bytes", sameBytes) { Reorders(it) }
    findsInReceiver("doubles a byte", sameBytes) { DoublesByte(it) }
    findsInReceiver("loses a byte when a wait is cancelled", "a cancelled wait to read loses no byte") { LosesByteOnCancel(it) }
    findsInSender("loses a byte when a wait is cancelled", "a cancelled wait to write loses no byte") {
        LosesByteOnCancelledWrite(it)
    }
    findsInSender("changes its caller's bytes", "tryWrite leaves the bytes in its buffer as they are") { ChangesWhatItWrites(it) }

    findsInReceiver("ignores position and limit", readBounds) { IgnoresBounds(it) }
    findsInReceiver("reads past the limit", readBounds) { OverrunsLimit(it) }
    findsInReceiver("changes the limit", readBounds) { MovesLimit(it) }
    findsInReceiver("leaves the position", readBounds) { LeavesPosition(it) }
    findsInSender("leaves the position", writeBounds) { LeavesWritePosition(it) }
    findsInSender("moves the position and throws", writeBounds) { MovesAndThrows(it) }
    findsInReceiver("takes no room for the end", "a buffer that is empty or full moves nothing") { EndsWithoutRoom(it) }

    findsInReceiver("ends when there is nothing", "a read finds nothing while nothing was written") { EndsWhenEmpty(it) }
    findsInReceiver("blocks a thread", "tryRead doesn't wait for bytes") { BlocksReading(it) }
    findsInSender("blocks a thread", "tryWrite doesn't wait for room") { BlocksWriting(it) }

    findsInReceiver("ends once, then finds nothing", "the end of the stream is reported each time") { EndsOnce(it) { 0 } }
    findsInReceiver("ends once, then fails", "the end of the stream is reported each time") {
        EndsOnce(it) { throw IOException("again?") }
    }
    findsInReceiver("doesn't wake at the end", sameBytes) { SleepsAtTheEnd(it) }

    val noBusyLoop = "a wait doesn't return again and again for nothing"
    findsInReceiver("returns from a wait at once", noBusyLoop) { BusyReading(it) { } }
    findsInReceiver("returns from a wait after giving way", noBusyLoop) { BusyReading(it) { yield() } }
    findsInSender("returns from a wait at once", noBusyLoop) { BusyWriting(it) { } }
    findsInSender("returns from a wait after giving way", noBusyLoop) { BusyWriting(it) { yield() } }

    findsInSender("swallows errors", "writing to a peer that has ended by close fails, again and again") {
        SwallowsWriteErrors(it, 0)
    }
    findsInSender("reports an error once", "writing to a peer that has ended by close fails, again and again") {
        SwallowsWriteErrors(it, 1)
    }
    findsInReceiver(
        "swallows errors",
        "after the sender's abort the receiver meets the end or a failure",
    ) { SwallowsReadErrors(it) }
    findsInSender("takes the peer's end for its own", "writing to a peer that has ended by close fails") {
        FailsOtherwise(it) { e -> if (e is ConnectionResetException) StreamClosedException("closed", e) else e }
    }
    findsInReceiver("takes the peer's end for its own", "after the sender's abort the receiver meets the end or a failure") {
        FailsOtherwise(it) { e -> if (e is ConnectionResetException) StreamClosedException("closed", e) else e }
    }

    val ioFailures = "what fails throws an IOException"
    findsInSender("throws a CancellationException", ioFailures) { FailsOtherwise(it) { e -> CancellationException("closed", e) } }
    findsInReceiver(
        "throws a CancellationException",
        ioFailures,
    ) { FailsOtherwise(it) { e -> CancellationException("closed", e) } }
    findsInSender("throws an IllegalStateException", ioFailures) { FailsOtherwise(it) { e -> IllegalStateException(e) } }

    finds("bytes dropped at close", "close delivers what was written, and then the end") { forgetfulPair(atClose = true) }
    finds("an end that overtakes bytes", "writeEof delivers what was written") { forgetfulPair(atWriteEof = true) }
    findsInReceiver("is deaf to its close", "close ends a wait to read at once") { DeafToClose(it) }
    findsInReceiver("makes up an end at its close", "after its own close a receiver throws StreamClosedException") {
        EndsAtOwnClose(it)
    }
    findsInReceiver("makes up an end when closed under way", "the receiver's close may come at any moment from any thread") {
        EndsAtCloseUnderWay(it)
    }
    findsInReceiver("doesn't say that it was closed", "after its own close a receiver throws StreamClosedException") {
        FailsOtherwise(it) { e -> if (e is StreamClosedException) IOException("broken", e) else e }
    }
    findsInReceiver(
        "waits after its close",
        "after its own close a receiver throws StreamClosedException",
    ) { WaitsAfterClose(it) }
    findsInReceiver("throws on a second close", "close and abort never fail") { ThrowsOnSecond(it, "close") }
    findsInSender("throws on a second abort", "close and abort never fail") { ThrowsOnSecond(it, "abort") }
    findsInSender("forgets what is known", "what is known of a connection stays readable after its end") { ForgetsInfo(it) }

    findsInReceiver("can't be cancelled", "a wait to read can be cancelled, and repeated at once") { IgnoresCancellation(it) }
    findsInSender("can't be cancelled", "a wait to write can be cancelled, and repeated at once") { IgnoresWriteCancellation(it) }
    findsInSender("misses room", sameBytes) { MissesRoom(it) }
    findsInSender("waits for a peer that has gone", "a wait to write ends with the peer's close") { MissesPeer(it) }

    val outputEnd = "writeEof delivers what was written, and then the end; or it is refused and ends nothing"
    findsInSender("writes after writeEof", outputEnd) { WritesAfterEof(it) }
    findsInSender("throws on a second writeEof", outputEnd) { ThrowsOnSecond(it, "writeEof") }
    findsInSender("can't end the output and does nothing", outputEnd) { DeniesWriteEof(it) { } }
    findsInSender("can't end the output and closes", outputEnd) {
        DeniesWriteEof(it) {
            it.close()
            throw UnsupportedOperationException()
        }
    }

    findsInSender("closes one half", "close ends both halves", Check.TWO_WAY) { EndsByHalves(it, "close") }
    findsInSender("aborts one half", "abort ends both halves", Check.TWO_WAY) { EndsByHalves(it, "abort") }
    findsInSender("ends both ways by writeEof", "writeEof ends one direction, and the other goes on", Check.HALF_CLOSEABLE) {
        WriteEofEndsAll(it)
    }
    findsInSender("can't end its output", "canWriteEof is true", Check.HALF_CLOSEABLE) {
        DeniesWriteEof(it) { throw UnsupportedOperationException() }
    }

    test("finds a maker of clogged pairs whose pairs are not") {
        shouldThrow<AssertionError> { checkOneWayStream(makeClogged = { memoryTransportPair() }) { memoryTransportPair() } }
            .message
            .orEmpty() shouldContain "expected makeClogged to make a sender that takes nothing, saw it take a byte"
    }

    test("every transport that was made is ended, whether a rule was broken or not") {
        val made = mutableListOf<Tracked>()
        val make = { memoryTransportPair().let { (a, b) -> Tracked(a) to Tracked(b) }.also { (a, b) -> made += listOf(a, b) } }
        checkHalfCloseableStream { make() }
        shouldThrow<AssertionError> { checkOneWayStream { make().let { (a, b) -> a to Reorders(b) } } }
        made.forEach { it.ends shouldBe setOf("abort", "close") }
    }

    test("says so when no pair can be made") {
        shouldThrow<AssertionError> { checkOneWayStream { throw IOException("no network") } }
            .message
            .orEmpty() shouldContain "no network"
    }
})

private class Tracked(
    inner: Transport,
) : Broken(inner) {
    val ends = mutableSetOf<String>()

    override fun close() {
        ends += "close"
        inner.close()
    }

    override fun abort() {
        ends += "abort"
        inner.abort()
    }
}
