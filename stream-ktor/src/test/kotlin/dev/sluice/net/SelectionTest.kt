package dev.sluice.net

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.shouldBe
import java.nio.ByteBuffer
import java.nio.channels.Pipe
import java.nio.channels.SelectionKey
import java.nio.channels.SelectionKey.OP_READ
import java.nio.channels.Selector

private fun Pipe.send() {
    sink().write(ByteBuffer.wrap(byteArrayOf(1)))
}

private fun Pipe.registerWith(selector: Selector): SelectionKey {
    source().configureBlocking(false)
    return source().register(selector, OP_READ)
}

internal class SelectionTest :
    FunSpec({
        val ways = mapOf("told" to ::DirectSelection, "collected" to ::CollectedSelection)

        test("the keys are told directly where selectors can do that, as on every JVM") {
            Selector.open().use { (selectionOf(it) {} is DirectSelection) shouldBe true }
        }

        for ((way, make) in ways) {
            test("each ready channel is told of once in each turn, as long as it is ready ($way)") {
                val told = mutableListOf<SelectionKey>()
                val first = Pipe.open()
                val second = Pipe.open()
                Selector.open().use { selector ->
                    val selection = make(selector) { told += it }
                    val keys = listOf(first, second).map { it.registerWith(selector) }
                    selection.look()
                    told.shouldBeEmpty()

                    first.send()
                    second.send()
                    repeat(2) {
                        selection.await(0)
                        told.shouldContainExactlyInAnyOrder(keys)
                        told.clear()
                    }
                    first.source().read(ByteBuffer.allocate(8))
                    selection.look()
                    told shouldBe listOf(keys.last())
                }
                listOf(first, second).forEach {
                    it.source().close()
                    it.sink().close()
                }
            }

            test("a wait ends when the selector is woken, and when its time is over ($way)") {
                Selector.open().use { selector ->
                    val told = mutableListOf<SelectionKey>()
                    val selection = make(selector) { told += it }
                    selector.wakeup()
                    selection.await(0)
                    selection.await(1)
                    told.shouldBeEmpty()
                }
            }
        }
    })
