package dev.sluice.process

import dev.sluice.isThorough
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.ints.shouldBeLessThan
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import java.util.concurrent.CountDownLatch

/** The threads with which the JDK waits for children stay for a minute: so this has a JVM of its own. */
internal class ManyProcessesIT :
    FunSpec({
        test("X-044 a thousand short processes, of which nobody closes any, leave no descriptor, no thread and no zombie") {
            // What the JVM itself opens for the first time stays open.
            repeat(50) { startProcess("true").awaitExit() }
            val descriptors = descriptors()
            val threads = ownThreads()
            repeat(if (isThorough) 10_000 else 1000) { startProcess("echo", "$it").awaitExit() shouldBe 0 }
            eventually("the descriptors are gone") { descriptors() <= descriptors }
            (ownThreads() - threads).size shouldBeLessThan 5
            zombies() shouldBe emptyList()
        }

        test("X-014 a thousand children at once answer, while every thread of Dispatchers.IO is taken") {
            val hold = CountDownLatch(1)
            val taken = CountDownLatch(64)
            withContext(Dispatchers.Default) {
                repeat(64) {
                    launch(Dispatchers.IO) {
                        taken.countDown()
                        hold.await()
                    }
                }
                taken.await()
                val threads = ownThreads()
                val cats = (1..1000).map { startProcess("cat") }
                try {
                    repeat(2) { round ->
                        val answers = cats.map { async { it.stdout.readLine() } }
                        cats.forEachIndexed { i, cat -> cat.stdin.write("$round $i\n") }
                        answers.awaitAll() shouldContainExactly cats.indices.map { "$round $it" }
                    }
                    (ownThreads() - threads).size shouldBeLessThan 5
                } finally {
                    cats.forEach { it.close() }
                    hold.countDown()
                }
                cats.map { async { it.awaitExit() } }.awaitAll().toSet() shouldBe setOf(137)
            }
        }

        test("a thousand children that nobody reads leave Dispatchers.IO free") {
            val cats = (1..200).map { startProcess("cat") }
            withContext(Dispatchers.Default) {
                val waiting = cats.map { async { it.stdout.readLine() } }
                withContext(Dispatchers.IO) { 42 } shouldBe 42
                cats.forEach { it.stdin.writeEof() }
                waiting.awaitAll().toSet() shouldBe setOf(null)
            }
            cats.forEach { it.close() }
        }
    })

/** Children of this program that have ended and that nobody has asked about. */
private fun zombies(): List<String> =
    java.io.File("/proc").list().orEmpty().filter { it.all(Char::isDigit) }.filter { pid ->
        val stat =
            runCatching {
                java.io
                    .File(
                        "/proc/$pid/stat",
                    ).readText()
                    .substringAfterLast(')')
                    .trim()
                    .split(' ')
            }.getOrNull()
        stat != null && stat[0] == "Z" && stat[1] == "${ProcessHandle.current().pid()}"
    }
