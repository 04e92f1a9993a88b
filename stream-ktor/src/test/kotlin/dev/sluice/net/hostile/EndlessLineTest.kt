package dev.sluice.net.hostile

import dev.sluice.LimitOverrunException
import dev.sluice.StreamReader
import dev.sluice.net.eventually
import dev.sluice.net.port
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeInRange
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import java.util.concurrent.ConcurrentLinkedQueue

private const val MANY = 60
private const val LIMIT = 64 * 1024

private val READS: Map<String, suspend (StreamReader) -> Unit> =
    mapOf(
        "readLine" to { it.readLine() },
        "readUntil" to { it.readUntil("\r\n".toByteArray(), ";".toByteArray()) },
        "iterating" to { reader -> for (line in reader) error("a line of ${line.size} bytes") },
    )

/** Lines that never end, at the limit that nobody has to think of. */
internal class EndlessLineTest : FunSpec({
    for ((name, read) in READS) {
        test("$name meets the limit, each client is told of once and thrown out, and the loop serves others all the while") {
            val failures = ConcurrentLinkedQueue<Throwable>()
            besideNeighbour({ onError = { _, e -> failures += e } }, { read(it.reader) }) { server, neighbour ->
                withAttackers(MANY, server.port) { attackers ->
                    val most = ByteArray(LIMIT)
                    eventually("each has sent as much as may be") {
                        attackers.forEach { it.send(most.copyOf(LIMIT - it.sent.toInt())) }
                        attackers.all { it.sent == LIMIT.toLong() }
                    }
                    neighbour.mustGetOn()
                    server.connections shouldBe MANY
                    failures.size shouldBe 0

                    eventually("each has been thrown out for more") { attackers.count { it.send(most) } == 0 }
                    eventually("all are gone") { server.connections == 0 }
                    neighbour.mustGetOn()
                }
            }
            failures.size shouldBe MANY
            for (failure in failures) {
                failure.shouldBeInstanceOf<LimitOverrunException>()
                failure.limit shouldBe LIMIT
                // What one read brings is the most that can have come on top.
                failure.consumed shouldBeInRange LIMIT + 1..2 * LIMIT
            }
        }
    }
})
