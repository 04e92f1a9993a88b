package dev.sluice.net.limits

import dev.sluice.net.ChildJvm
import dev.sluice.net.during
import dev.sluice.net.openConnection
import dev.sluice.net.pattern
import dev.sluice.net.plainClient
import dev.sluice.net.port
import dev.sluice.net.startServer
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import java.io.InputStream
import java.io.OutputStream
import java.net.InetAddress
import java.net.ServerSocket
import java.util.concurrent.CompletableFuture
import java.util.zip.CRC32C
import kotlin.concurrent.thread

private const val MEBIBYTE = 1 shl 20

/** `-Dcopy.gibibytes=10` moves so many. */
internal class LargeCopyTest : FunSpec({
    test("copyTo moves far more than there is memory for, in a heap of 64 MiB, and every byte of it") {
        val bytes = (System.getProperty("copy.gibibytes") ?: "2").toLong() shl 30
        val options = listOf("-Xmx64m", "-XX:MaxDirectMemorySize=8m", "-XX:+ExitOnOutOfMemoryError")
        val told = ChildJvm("dev.sluice.net.limits.LargeCopy", options, arguments = listOf("$bytes")).lines()
        val (sent, copied, received) = told.map { it.substringAfter(": ") }
        copied shouldBe "$bytes"
        received shouldBe sent
    }
})

/** A child's program: between two sockets of the JDK there are a server that copies and a connection that it copies to. */
internal object LargeCopy {
    @JvmStatic
    fun main(arguments: Array<String>): Unit = runBlocking { copy(arguments[0].toLong()) }

    private suspend fun copy(bytes: Long) {
        ServerSocket(0, 1, InetAddress.getLoopbackAddress()).use { target ->
            val received = CompletableFuture<String>()
            thread { target.accept().use { received.complete(it.getInputStream().digest()) } }
            val copied = CompletableFuture<Long>()
            val server =
                startServer("127.0.0.1", 0) { (reader, _) ->
                    openConnection("127.0.0.1", target.localPort).use { copied.complete(reader.copyTo(it.writer)) }
                }
            server.during {
                withContext(Dispatchers.IO) {
                    plainClient(server.port).use { println("sent: ${it.getOutputStream().send(bytes)}") }
                    println("copied: ${copied.get()}")
                    println("received: ${received.get()}")
                }
            }
        }
    }

    /** Numbered blocks; their digest. */
    private fun OutputStream.send(bytes: Long): String {
        val block = pattern(MEBIBYTE)
        val digest = CRC32C()
        for (number in 0 until bytes / MEBIBYTE) {
            block[0] = number.toByte()
            block[1] = (number shr 8).toByte()
            digest.update(block)
            write(block)
        }
        return "$bytes bytes, ${digest.value}"
    }

    private fun InputStream.digest(): String {
        val block = ByteArray(MEBIBYTE)
        val digest = CRC32C()
        var bytes = 0L
        while (true) {
            val count = read(block)
            if (count < 0) return "$bytes bytes, ${digest.value}"
            digest.update(block, 0, count)
            bytes += count
        }
    }
}
