package dev.sluice.net.networks

import java.io.IOException
import java.nio.file.Files
import java.util.concurrent.TimeUnit

/** Where servers listen, with a cable between them and their clients. */
internal const val NEAR: String = "10.77.0.1"
internal const val NEAR_6: String = "fd77::1"

/** What clients connect to. */
internal const val FAR: String = "10.77.0.2"
internal const val FAR_6: String = "fd77::2"

private const val DEVICE = "cable0"

/** The only way from [NEAR] to itself by the name of [FAR]: `cable.py` at a TUN device, in a network namespace of our own. */
internal class Cable : AutoCloseable {
    private val script = Files.createTempFile("sluice-cable", ".py")
    private val process: Process

    init {
        Files.write(script, checkNotNull(javaClass.getResourceAsStream("cable.py")).use { it.readBytes() })
        process =
            ProcessBuilder(checkNotNull(OwnNetwork.python).command, "-I", "$script", DEVICE)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start()
    }

    private val answers = process.inputStream.bufferedReader()

    init {
        expect("there")
        run("ip", "link", "set", DEVICE, "up")
        run("ip", "address", "add", "$NEAR/24", "dev", DEVICE)
    }

    fun useIpv6(): Unit = run("ip", "-6", "address", "add", "$NEAR_6/64", "dev", DEVICE, "nodad")

    fun loses(
        share: Double,
        duplicates: Double,
    ) {
        order("loss $share")
        order("duplicate $duplicates")
    }

    fun delays(milliseconds: ClosedRange<Int>): Unit = order("delay ${milliseconds.start} ${milliseconds.endInclusive}")

    /** @param queue how many bytes wait; what finds no room is lost */
    fun carries(
        bytesASecond: Int,
        queue: Int,
    ): Unit = order("rate $bytesASecond $queue")

    fun pull(): Unit = order("carrier 0")

    fun plug(): Unit = order("carrier 1")

    fun down(): Unit = run("ip", "link", "set", DEVICE, "down")

    fun up(): Unit = run("ip", "link", "set", DEVICE, "up")

    fun mtu(bytes: Int): Unit = run("ip", "link", "set", DEVICE, "mtu", "$bytes")

    /** What it has done since the last time, by name: see `cable.py`. */
    fun counts(): Map<String, Int> {
        tell("counts")
        return answers.readLine().split(' ').associate { it.substringBefore('=') to it.substringAfter('=').toInt() }
    }

    private fun order(text: String) {
        tell(text)
        expect("done")
    }

    private fun tell(text: String) {
        process.outputStream.write("$text\n".toByteArray())
        process.outputStream.flush()
    }

    private fun expect(text: String) {
        val answer = answers.readLine()
        check(answer == text) { "the cable answers '$answer'" }
    }

    override fun close() {
        process.outputStream.close()
        if (!process.waitFor(30, TimeUnit.SECONDS)) process.destroyForcibly()
        Files.delete(script)
    }
}

internal fun run(vararg command: String) {
    val process = ProcessBuilder(*command).redirectErrorStream(true).start()
    process.outputStream.close()
    val said = process.inputStream.bufferedReader().readText()
    if (process.waitFor() != 0) throw IOException("${command.joinToString(" ")}: $said")
}
