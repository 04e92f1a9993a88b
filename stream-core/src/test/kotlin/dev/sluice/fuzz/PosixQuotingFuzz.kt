package dev.sluice.fuzz

import com.code_intelligence.jazzer.junit.FuzzTest
import dev.sluice.latin1
import dev.sluice.process.remote.posixCommand
import dev.sluice.process.remote.posixQuoted
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Timeout

/** Words of any bytes reach a command through a shell, quoted once and twice. */
internal class PosixQuotingFuzz : AutoCloseable {
    private val shell = EchoingShell()

    @Timeout(60)
    @FuzzTest(maxDuration = "2m")
    fun holds(input: ByteArray) {
        val words = input.latin1.split('\u0000')
        val command = posixCommand(listOf("printf", "%s\\0") + words)
        for (line in listOf(command, "eval " + posixQuoted(command))) {
            val arrived = shell.run(line, words.size)
            check(arrived == words) { "$words became $arrived" }
        }
    }

    @AfterEach
    override fun close() = shell.close()
}
