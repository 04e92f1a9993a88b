package dev.sluice.net

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.joinAll
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.atomic.AtomicInteger

internal class PathLockTest :
    FunSpec({
        test("a lock is a file beside the path, and gone afterwards") {
            inFolder { folder ->
                val lock = PathLock.of(folder.resolve("socket")).shouldNotBeNull()
                folder.names() shouldBe listOf(".socket.lock")
                lock.close()
                folder.names() shouldBe emptyList()
            }
        }

        test("one has it at a time, also by another name of the same folder") {
            inFolder { folder ->
                val other = Files.createSymbolicLink(folder.resolve("other"), Files.createDirectory(folder.resolve("real")))
                val holders = AtomicInteger()
                coroutineScope {
                    List(200) {
                        launch(Dispatchers.Default) {
                            PathLock
                                .of(
                                    (
                                        if (it % 2 ==
                                            0
                                        ) {
                                            other
                                        } else {
                                            folder.resolve("real")
                                        }
                                    ).resolve("socket"),
                                ).shouldNotBeNull()
                                .use {
                                    holders.incrementAndGet() shouldBe 1
                                    holders.decrementAndGet()
                                }
                        }
                    }.joinAll()
                }
                other.names() shouldBe emptyList()
            }
        }

        test("one program has it at a time, though each takes the file away") {
            inFolder { folder ->
                val programs = List(3) { ChildJvm("dev.sluice.net.LockingProgram", arguments = listOf("$folder")) }
                try {
                    programs.forEach { it.output.readLine() shouldBe "ready" }
                    programs.forEach { it.tell("go") }
                    programs.forEach { it.lines() shouldBe listOf("was always alone") }
                } finally {
                    programs.forEach { it.close() }
                }
            }
        }

        test("who waits for it has it when it is given back, and a cancelled wait leaves nothing") {
            inFolder { folder ->
                val path = folder.resolve("socket")
                coroutineScope {
                    val lock = PathLock.of(path).shouldNotBeNull()
                    val waiting = async(start = CoroutineStart.UNDISPATCHED) { PathLock.of(path) }
                    val cancelled = async(start = CoroutineStart.UNDISPATCHED) { PathLock.of(path) }
                    waiting.isCompleted shouldBe false
                    cancelled.cancel()
                    lock.close()
                    waiting.await().shouldNotBeNull().close()
                }
                folder.names() shouldBe emptyList()
            }
        }

        test("a file that somebody left who died is taken, and gone afterwards") {
            inFolder { folder ->
                Files.write(folder.resolve(".socket.lock"), byteArrayOf(1, 2, 3))
                PathLock.of(folder.resolve("socket")).shouldNotBeNull().close()
                folder.names() shouldBe emptyList()
            }
        }

        test("where there can be none, there is none: no folder, or something else of its name") {
            inFolder { folder ->
                PathLock.of(folder.resolve("missing/socket")) shouldBe null
                PathLock.of(Path.of("/")) shouldBe null
                Files.createSymbolicLink(folder.resolve(".socket.lock"), folder.resolve("elsewhere"))
                PathLock.of(folder.resolve("socket")) shouldBe null
                folder.names() shouldBe listOf(".socket.lock")
            }
        }
    })

/** A program that locks the same path again and again, and looks whether others have it, too. */
internal object LockingProgram {
    @JvmStatic
    fun main(args: Array<String>): Unit =
        runBlocking {
            val folder = Path.of(args[0])
            println("ready")
            readln()
            repeat(2000) {
                PathLock.of(folder.resolve("socket")).shouldNotBeNull().use {
                    // It fails if the file is there.
                    Files.delete(Files.createFile(folder.resolve("held")))
                }
            }
            println("was always alone")
        }
}

internal fun Path.names(): List<String> = toFile().list()!!.sorted()
