package dev.sluice

import dev.sluice.testing.FaultyTransport
import dev.sluice.testing.memoryStreamPair
import dev.sluice.testing.memoryTransportPair
import dev.sluice.transport.Transport
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import java.nio.ByteBuffer

/** A source that throws in the call in which it hands out its last bytes. */
internal class ErrorWithLastDataTest : FunSpec({
    fun resetAtFive(): Transport {
        val (inner, peer) = memoryTransportPair()
        peer.tryWrite(ByteBuffer.wrap(latin1("hello, world")))
        return FaultyTransport(inner) {
            resetAtByteRead = 5
            errorWithLastData = true
        }
    }

    readerTest("the transport itself moves the bytes and throws") {
        val into = ByteBuffer.allocate(10)
        shouldThrow<ConnectionResetException> { resetAtFive().tryRead(into) }
        into.position() shouldBe 5
    }

    readerTest("a reader has the bytes, and then the failure") {
        val reader = Connection(resetAtFive()).reader
        reader.read(10).latin1 shouldBe "hello"
        shouldThrow<ConnectionResetException> { reader.read(10) }
        val waiting = Connection(resetAtFive()).reader
        shouldThrow<ConnectionResetException> { waiting.readExactly(6) }
        waiting.readExactly(5).latin1 shouldBe "hello"
    }

    readerTest("so have all that are made of one, and a relay") {
        suspend fun isLostAfterAll(reader: StreamReader) {
            reader.readExactly(5).latin1 shouldBe "hello"
            shouldThrow<ConnectionResetException> { reader.read(1) }
        }
        isLostAfterAll(Connection(resetAtFive()).reader.limited(100))
        isLostAfterAll(Connection(resetAtFive()).reader.throttled(Throttle(1_000)))
        val (here, copied) = memoryStreamPair()
        isLostAfterAll(Connection(resetAtFive()).reader.tee(here.writer))
        copied.reader.read(10).latin1 shouldBe "hello"

        val (second, server) = memoryStreamPair()
        val (there, _) = relay(Connection(resetAtFive()), second)
        there.bytes shouldBe 5
        there.failure.shouldBeInstanceOf<ConnectionResetException>()
        server.reader.readExactly(5).latin1 shouldBe "hello"
        shouldThrow<ConnectionResetException> { server.reader.read(1) }
    }

    readerTest("so has one that reads into a buffer of its caller's") {
        val reader = Connection(resetAtFive()).reader
        val into = ByteBuffer.allocate(10)
        reader.read(into) shouldBe 5
        into.array().copyOf(5).latin1 shouldBe "hello"
        shouldThrow<ConnectionResetException> { reader.read(into) }
    }
})
