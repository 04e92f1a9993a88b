package dev.sluice.process

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CompletableDeferred
import java.io.InputStream
import java.io.OutputStream
import java.util.concurrent.CompletableFuture

internal class ExitWatchTest : FunSpec({
    test("an end that comes while somebody waits for it is seen without asking the JDK, and told once") {
        val process = FakeProcess()
        val told = Told()
        val watch = ExitWatch(process, told::once)
        watch.hurry()
        process.hasEnded = true
        told.first.await()
        watch.hurry()
        watch.begin()
        val other = FakeProcess()
        ExitWatch(other) {}.begin()
        other.asked.await()
        told.count shouldBe 1
        process.asked.isCompleted shouldBe false
    }

    test("of one that has ended nobody has to wait") {
        val process = FakeProcess(hasEnded = true)
        val told = Told()
        ExitWatch(process, told::once).hurry()
        told.count shouldBe 1
    }

    test("of one that goes on the JDK is asked, also when somebody has looked in vain") {
        val process = FakeProcess()
        val told = Told()
        val watch = ExitWatch(process, told::once)
        watch.begin()
        watch.hurry()
        process.asked.await()
        told.count shouldBe 0
        process.exit.complete(process)
        told.first.await()
        told.count shouldBe 1
    }
})

private class Told {
    val first = CompletableDeferred<Unit>()

    @Volatile
    var count = 0
        private set

    fun once() {
        count++
        first.complete(Unit)
    }
}

private class FakeProcess(
    @Volatile var hasEnded: Boolean = false,
) : Process() {
    val exit = CompletableFuture<Process>()
    val asked = CompletableDeferred<Unit>()

    override fun isAlive(): Boolean = !hasEnded

    override fun onExit(): CompletableFuture<Process> {
        asked.complete(Unit)
        return exit
    }

    override fun getOutputStream(): OutputStream = OutputStream.nullOutputStream()

    override fun getInputStream(): InputStream = InputStream.nullInputStream()

    override fun getErrorStream(): InputStream = InputStream.nullInputStream()

    override fun waitFor(): Int = error("nobody may block")

    override fun exitValue(): Int = if (hasEnded) 0 else throw IllegalThreadStateException("it goes on")

    override fun destroy(): Unit = Unit
}
