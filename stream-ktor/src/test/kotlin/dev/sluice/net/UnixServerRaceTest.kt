package dev.sluice.net

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.runBlocking
import java.net.BindException
import java.nio.file.Path

private const val STARTERS = 8
private const val ROUNDS = 60

/** It leaves its file behind. */
private val UNTIDY = ServerOptions { cleanupSocket = false }

internal class UnixServerRaceTest :
    FunSpec({
        test("U-020, U-021 of many servers that replace the same stale socket at once one wins, and it works") {
            leavingNothing {
                inFolder { folder ->
                    val path = folder.resolve("socket")
                    repeat(ROUNDS) {
                        val results =
                            coroutineScope { List(STARTERS) { async(Dispatchers.Default) { startAt(path) } }.awaitAll() }
                        val winner = results.mapNotNull { it.getOrNull() }.also { it.size shouldBe 1 }.single()
                        for (failure in results.mapNotNull { it.exceptionOrNull() }) {
                            failure.shouldBeInstanceOf<BindException>().message shouldContain "in use"
                        }
                        greetingAt(path) shouldBe "hello"
                        folder.names() shouldBe listOf("socket")
                        winner.endNow()
                    }
                }
            }
        }

        test("U-020, U-021 of many programs that do so at once one wins, and it works") {
            inFolder { folder ->
                val path = folder.resolve("socket")
                val programs = List(3) { ChildJvm("dev.sluice.net.RacingServers", arguments = listOf("$path")) }
                try {
                    programs.forEach { it.output.readLine() shouldBe "ready" }
                    repeat(ROUNDS) {
                        programs.forEach { it.tell("start") }
                        programs.map { it.output.readLine() }.sorted() shouldBe listOf("lost", "lost", "won")
                        greetingAt(path) shouldBe "hello"
                        folder.names() shouldBe listOf("socket")
                        programs.forEach { it.tell("end") }
                        programs.forEach { it.output.readLine() shouldBe "ready" }
                    }
                } finally {
                    programs.forEach { it.close() }
                }
            }
        }
    })

/** A program that starts some servers at once, when it is told to, and ends them, when it is told to. */
internal object RacingServers {
    @JvmStatic
    fun main(args: Array<String>): Unit =
        runBlocking {
            println("ready")
            while (readlnOrNull() != null) {
                val results = List(2) { async(Dispatchers.Default) { startAt(Path.of(args[0])) } }.awaitAll()
                val won = results.mapNotNull { it.getOrNull() }
                val odd = results.mapNotNull { it.exceptionOrNull() }.filter { it !is BindException }
                println(if (odd.isEmpty()) listOf("lost", "won", "won twice")[won.size] else "failed: $odd")
                readlnOrNull()
                won.forEach { it.endNow() }
                println("ready")
            }
        }
}

private suspend fun startAt(path: Path): Result<StreamServer> = runCatching { startUnixServer(path, UNTIDY, ::greet) }
