package dev.sluice.net

import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.core.test.EnabledOrReasonIf
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.ints.shouldBeGreaterThanOrEqual
import io.kotest.matchers.ints.shouldBeInRange
import io.kotest.matchers.longs.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.coroutines.runBlocking
import java.io.File
import java.io.IOException
import java.net.InetSocketAddress
import java.net.Socket
import java.nio.channels.SocketChannel
import kotlin.time.TimeSource

private val withUlimit: EnabledOrReasonIf = {
    if (isLinux) Enabled.enabled else Enabled.disabled("how descriptors are limited is Linux's")
}

internal class OutOfDescriptorsTest :
    FunSpec({
        test(
            "S-080, J-041 without descriptors a server pauses, says so once for each pause, and goes on when there are some",
        ).config(
            enabledOrReasonIf = withUlimit,
        ) {
            val told = inChildWithFewDescriptors("recover")
            val pauses = told.pauses()
            pauses.first() shouldContain "WARN"
            pauses.first() shouldContain "the listener at /127.0.0.1:"
            pauses.first() shouldContain "Too many open files"
            // Each pause is a second long at least.
            pauses.size shouldBeInRange 2..1 + (told.number("milliseconds") / 1000).toInt()
            told.number("turns") shouldBeLessThan 100
            told shouldContain "the client that waited: ping"
            told shouldContain "another client: true"
        }

        test(
            "S-080 clients that take all descriptors do no harm to those who are served, and are served when others go",
        ).config(enabledOrReasonIf = withUlimit) {
            childWithFewDescriptors("crowd").use { child ->
                val port = child.output.readLine().toInt()
                plainClient(port).use { served ->
                    served.mustHaveEcho()
                    val crowd = List(150) { plainClient(port).apply { send("ping\n") } }
                    child.output.readLine() shouldBe "it pauses"
                    repeat(3) { served.mustHaveEcho() }
                    crowd.forEach { client -> client.use { it.receivedLine() shouldBe "ping" } }
                    served.mustHaveEcho()
                }
                isEchoed(port) shouldBe true
                child.tell("end")
                val told = child.lines()
                told.pauses().size shouldBeInRange 1..1 + (told.number("milliseconds") / 1000).toInt()
            }
        }

        test("S-081 closing the server cancels the pause, and nothing more is logged").config(enabledOrReasonIf = withUlimit) {
            val told = inChildWithFewDescriptors("close")
            told.pauses().size shouldBeGreaterThanOrEqual 1
            told.number("pauses after a close") shouldBe 0
            told.number("milliseconds of the fastest close") shouldBeLessThan 500
        }
    })

private fun inChildWithFewDescriptors(what: String): List<String> = childWithFewDescriptors(what).lines()

private fun childWithFewDescriptors(what: String) =
    ChildJvm("dev.sluice.net.WithFewDescriptors", listOf("-Dwhat=$what"), limits = "ulimit -n 100")

private fun Socket.mustHaveEcho() {
    send("served\n")
    receivedLine() shouldBe "served"
}

private fun List<String>.pauses() = filter { "accepts nobody" in it }

private fun List<String>.number(name: String) = single { it.startsWith("$name: ") }.substringAfter(": ").toLong()

/** A child's program: a server whose process has no descriptor left for a client. */
internal object WithFewDescriptors {
    @JvmStatic
    fun main(arguments: Array<String>) {
        check(arguments.isEmpty())
        loadOwnClasses()
        captureLog().use { log ->
            EventLoops(1, "few", blockedTaskThreshold = null).use { loops -> runBlocking { run(log, loops) } }
            log.lines.forEach(::println)
        }
    }

    /** Those that are no part of an open jar would each need a descriptor for a moment. */
    private fun loadOwnClasses() {
        val folders =
            System
                .getProperty("java.class.path")
                .split(File.pathSeparator)
                .map(::File)
                .filter(File::isDirectory)
        for (folder in folders) {
            folder
                .walk()
                .filter { it.extension == "class" && !it.name.endsWith("Test.class") }
                .map {
                    it
                        .relativeTo(folder)
                        .path
                        .removeSuffix(".class")
                        .replace(File.separatorChar, '.')
                }.forEach { Class.forName(it, false, javaClass.classLoader) }
        }
    }

    private suspend fun run(
        log: LogCapture,
        loops: EventLoops,
    ) {
        when (System.getProperty("what")) {
            "recover" -> recover(log, loops)
            "crowd" -> serveCrowd(log, loops)
            else -> closeInPauses(log, loops)
        }
    }

    /** Runs [work] once the server pauses, with who waits for it, and all descriptors that are to be given back. */
    private suspend fun <T> inPause(
        log: LogCapture,
        server: StreamServer,
        work: suspend (SocketChannel, List<SocketChannel>) -> T,
    ): T {
        check(isEchoed(server.port))
        eventually("it has left") { server.connections == 0 }
        val before = log.pauses()
        val waiting = SocketChannel.open()
        val taken = takeAll()
        waiting.connect(InetSocketAddress("127.0.0.1", server.port))
        eventually("a pause") { log.pauses() > before }
        return work(waiting, taken).also { (taken + waiting).forEach(SocketChannel::close) }
    }

    private fun LogCapture.pauses() = lines.count { "accepts nobody" in it }

    private fun LogCapture.pauses(port: Int) = lines.count { "/127.0.0.1:$port accepts nobody" in it }

    /** There is none left afterwards. */
    private fun takeAll(): MutableList<SocketChannel> {
        val taken = ArrayList<SocketChannel>()
        try {
            while (true) taken += SocketChannel.open()
        } catch (_: IOException) {
            return taken
        }
    }

    private suspend fun recover(
        log: LogCapture,
        loops: EventLoops,
    ) {
        val server = startServer("127.0.0.1", 0, ServerOptions { eventLoops = loops }, ::echo)
        val begin = TimeSource.Monotonic.markNow()
        inPause(log, server) { waiting, taken ->
            val before = loops.next().turns
            eventually("a third pause") { log.pauses() > 2 }
            println("turns: ${loops.next().turns - before}")
            taken.forEach(SocketChannel::close)
            waiting.socket().soTimeout = 30_000
            waiting.socket().send("ping\n")
            println("the client that waited: ${waiting.socket().receivedLine()}")
        }
        println("another client: ${isEchoed(server.port)}")
        server.during { }
        println("milliseconds: ${begin.elapsedNow().inWholeMilliseconds}")
    }

    private suspend fun serveCrowd(
        log: LogCapture,
        loops: EventLoops,
    ) {
        val begin = TimeSource.Monotonic.markNow()
        val options =
            ServerOptions {
                eventLoops = loops
                backlog = 200
            }
        startServer("127.0.0.1", 0, options, ::echo).during { server ->
            println(server.port)
            eventually("a pause") { log.pauses() > 0 }
            println("it pauses")
            readln()
        }
        println("milliseconds: ${begin.elapsedNow().inWholeMilliseconds}")
    }

    private suspend fun closeInPauses(
        log: LogCapture,
        loops: EventLoops,
    ) {
        val ends = List(3) { closeInPause(log, loops) }
        // The first may be slow for reasons of its own.
        println("milliseconds of the fastest close: " + ends.minOf { it.milliseconds })
        println("pauses after a close: " + ends.sumOf { log.pauses(it.port) - it.pauses })
    }

    private class End(
        val port: Int,
        val milliseconds: Long,
        val pauses: Int,
    )

    private suspend fun closeInPause(
        log: LogCapture,
        loops: EventLoops,
    ): End {
        val server = startServer("127.0.0.1", 0, ServerOptions { eventLoops = loops }, ::echo)
        return inPause(log, server) { _, _ ->
            val begin = TimeSource.Monotonic.markNow()
            server.close()
            server.awaitClosed()
            val time = begin.elapsedNow().inWholeMilliseconds
            End(server.port, time, log.pauses(server.port))
        }
    }
}
