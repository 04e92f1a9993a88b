package dev.sluice.samples

import dev.sluice.StreamWriter
import dev.sluice.process.startProcess
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.runBlocking
import java.io.IOException

private const val COUNT = 100_000

/** Feeds the numbers up to 100,000 to a command, a line each, and prints what it makes of them. */
fun main(arguments: Array<String>): Unit =
    runBlocking {
        startProcess(*arguments).use { child ->
            coroutineScope {
                // Fed and read at once: a command that answers while it reads would otherwise wait for us, and we for it.
                val fed = async { feed(child.stdin) }
                child.stdout.lines().collect { println(it) }
                if (!fed.await()) println("it did not want all of them")
            }
            println("ended with ${child.awaitExit()}")
        }
    }

/** Whether the command took everything. */
private suspend fun feed(stdin: StreamWriter): Boolean =
    try {
        for (number in 1..COUNT) {
            stdin.write("$number\n")
            // As fast as the command reads, and no faster.
            stdin.drain()
        }
        stdin.writeEof()
        true
    } catch (_: IOException) {
        false
    }
