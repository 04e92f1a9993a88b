package dev.sluice

import io.kotest.core.spec.style.FunSpec
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions
import org.jetbrains.lincheck.datastructures.Operation
import org.jetbrains.lincheck.datastructures.Validate
import java.io.IOException
import java.nio.ByteBuffer

internal class StreamFeedIT : FunSpec({
    test("a feed used by two threads at once behaves as if by one after the other") {
        ModelCheckingOptions()
            .patient()
            .iterations(6)
            .threads(2)
            .actorsBefore(1)
            .actorsPerThread(2)
            .actorsAfter(2)
            .invocationsPerIteration(100)
            .addCustomScenario {
                parallel {
                    thread {
                        actor(FeedModel::feed, 3)
                        actor(FeedModel::pending)
                    }
                    thread {
                        actor(FeedModel::tryRead, 1)
                        actor(FeedModel::tryRead, 3)
                    }
                }
            }.check(FeedModel::class)
    }
})

internal class FeedModel {
    private val feed = StreamFeed()

    @Operation
    fun feed(size: Int): String = result { feed.feed(ByteArray(size and 3) { it.toByte() }) }

    @Operation
    fun feedEof(): String = result { feed.feedEof() }

    @Operation
    fun fail(): String = result { feed.fail(IOException("broken")) }

    @Operation
    fun pending(): Long = feed.pending

    @Operation
    fun close(): String = result { feed.close() }

    @Operation
    fun tryRead(room: Int): String =
        result {
            val into = ByteBuffer.allocate(1 + (room and 3))
            "${feed.tryRead(into)} ${into.array().toList()}"
        }

    @Validate
    fun pendingIsWhatCanBeRead() {
        val pending = feed.pending
        val into = ByteBuffer.allocate(100)
        result { feed.tryRead(into) }
        check(into.position().toLong() == pending) { "$pending bytes are pending, ${into.position()} were there" }
    }

    private fun result(use: () -> Any): String =
        try {
            use().toString()
        } catch (e: IOException) {
            e.javaClass.simpleName
        } catch (e: IllegalStateException) {
            e.javaClass.simpleName
        }
}
