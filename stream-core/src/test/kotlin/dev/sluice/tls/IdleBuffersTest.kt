package dev.sluice.tls

import dev.sluice.Connection
import dev.sluice.testing.memoryTransportPair
import dev.sluice.transport.Transport
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import java.nio.ByteBuffer

internal class IdleBuffersTest : FunSpec({
    for (version in versions) {
        test("J-061 $version: nothing is borrowed after the handshake, after data, and after a record that came in two parts") {
            val (a, below) = memoryTransportPair()
            val halving = Halving(a)
            val (client, server) =
                (halving to below).withTls(clientTls { protocols = listOf(version) }, serverTls())
            // Tickets for later sessions are taken in by the first read.
            client.tryRead(ByteBuffer.allocate(1)) shouldBe 0
            for (end in listOf(client, server)) buffersOf(end) shouldBe emptyList()
            val here = Connection(client)
            val there = Connection(server)
            val lent = PacketBuffers.count()

            here.writer.write(ByteArray(40_000))
            there.reader.readExactly(40_000).size shouldBe 40_000
            for (end in listOf(client, server)) buffersOf(end) shouldBe emptyList()
            PacketBuffers.count() shouldBe lent

            coroutineScope {
                halving.isOn = true
                here.writer.write("in two parts")
                val reading = async(start = CoroutineStart.UNDISPATCHED) { there.reader.readExactly(12) }
                buffersOf(client) shouldBe listOf("records")
                buffersOf(server) shouldBe listOf("packets")
                // The half that came is in a room of its size.
                PacketBuffers.count() shouldBe lent - 1
                halving.release()
                reading.await().decodeToString() shouldBe "in two parts"
            }
            for (end in listOf(client, server)) buffersOf(end) shouldBe emptyList()
            PacketBuffers.count() shouldBe lent
        }
    }
})

/** When on, takes half of what is written, and no more before [release]. */
private class Halving(
    private val inner: Transport,
) : Transport by inner {
    private val released = CompletableDeferred<Unit>()
    var isOn = false
    private var hasTaken = false

    fun release() {
        isOn = false
        released.complete(Unit)
    }

    override fun tryWrite(from: ByteBuffer): Int {
        if (!isOn) return inner.tryWrite(from)
        if (hasTaken) return 0
        hasTaken = true
        val end = from.limit()
        from.limit(from.position() + from.remaining() / 2)
        return inner.tryWrite(from).also { from.limit(end) }
    }

    override suspend fun awaitWritable() = if (isOn) released.await() else inner.awaitWritable()
}
