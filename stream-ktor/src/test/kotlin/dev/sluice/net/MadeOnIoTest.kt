package dev.sluice.net

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.withContext
import java.io.IOException

internal class MadeOnIoTest :
    FunSpec({
        test("what is made is made on another thread than the loop's") {
            EventLoops(1, "calling").use { loops ->
                withContext(loops.next()) {
                    madeOnIo({ }) { Thread.currentThread() } shouldNotBe Thread.currentThread()
                }
            }
        }

        test("what is made when the caller is cancelled is discarded") {
            val discarded = ArrayList<String>()
            coroutineScope {
                val begun = CompletableDeferred<Unit>()
                val goesOn = CompletableDeferred<Unit>()
                val making =
                    async(start = CoroutineStart.UNDISPATCHED) {
                        madeOnIo(discarded::add) {
                            begun.complete(Unit)
                            withContext(kotlinx.coroutines.NonCancellable) { goesOn.await() }
                            "made"
                        }
                    }
                begun.await()
                making.cancel()
                goesOn.complete(Unit)
                making.join()
                making.isCancelled shouldBe true
            }
            discarded shouldBe listOf("made")
        }

        test("what goes wrong is thrown on") {
            shouldThrow<IOException> { madeOnIo<String>({ }) { throw IOException("odd") } }.message shouldBe "odd"
        }
    })
