package dev.sluice.bench.process

import dev.sluice.process.startProcess
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import java.nio.ByteBuffer

internal class SluiceParent : Parent {
    override fun cat(bytes: Long) {
        runBlocking {
            startProcess("cat").use { cat ->
                launch(Dispatchers.Default) {
                    val chunk = ByteArray(Parent.CHUNK)
                    repeat((bytes / Parent.CHUNK).toInt()) {
                        cat.stdin.write(chunk)
                        cat.stdin.drain()
                    }
                    cat.stdin.writeEof()
                }
                var count = 0L
                val into = ByteBuffer.allocate(Parent.CHUNK)
                while (true) {
                    val some = cat.stdout.read(into)
                    if (some < 0) break
                    count += some
                    into.clear()
                }
                Parent.check(count == bytes && cat.awaitExit() == 0)
            }
        }
    }

    override fun start() {
        runBlocking {
            startProcess("echo", "hello").use { echo ->
                Parent.check(echo.stdout.readLine() == "hello" && echo.awaitExit() == 0)
            }
        }
    }

    override fun herd(size: Int): Parent.Herd {
        val cats = runBlocking { List(size) { startProcess("cat") } }
        return object : Parent.Herd {
            override fun ask() {
                runBlocking(Dispatchers.Default) {
                    val answers = cats.map { async { it.stdout.readLine() } }
                    cats.forEach { it.stdin.write("hello\n") }
                    Parent.check(answers.awaitAll().all { it == "hello" })
                }
            }

            override fun close(): Unit = cats.forEach { it.close() }
        }
    }
}
