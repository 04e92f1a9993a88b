package dev.sluice.samples

import dev.sluice.process.ProcessOptions
import dev.sluice.process.StreamProcess
import dev.sluice.process.StreamType
import dev.sluice.process.startProcess
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.core.test.TestScope
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.delay
import java.io.File
import java.nio.file.Files
import java.nio.file.Path
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.TimeSource

/** In which a sample is written. */
internal enum class Language(
    private val suffix: String,
) {
    JAVA(""),
    KOTLIN("Kt"),
    ;

    /** How the sample [name] in this language is started, as `samples/run` does it. */
    fun command(
        name: String,
        vararg arguments: String,
    ): List<String> {
        val java = Path.of(System.getProperty("java.home"), "bin", "java").toString()
        // Each runs for a moment.
        val quick = listOf("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto")
        // On a busy machine loading classes may hold an event loop up, of which it warns.
        val log = "-Dorg.slf4j.simpleLogger.defaultLogLevel=error"
        return listOf(java) + quick + listOf(log, "-cp", classPath, "dev.sluice.samples.$name$suffix") + arguments
    }

    suspend fun start(
        name: String,
        vararg arguments: String,
    ): Program = Program(command(name, *arguments))

    companion object {
        private val classPath =
            "${Path.of("target/classes").toAbsolutePath()}" + File.pathSeparator + Files.readString(Path.of("target/class-path"))
    }
}

/** A process that a test talks with. What it complains of is a part of its output, so that nothing goes unnoticed. */
internal class Program private constructor(
    private val process: StreamProcess,
    private val command: List<String>,
) : AutoCloseable by process {
    suspend fun line(): String =
        process.stdout.readLine() ?: throw AssertionError("$command has ended with ${process.awaitExit()}")

    suspend fun mustPrint(vararg lines: String) {
        for (line in lines) line() shouldBe line
    }

    /** The port in the next line. */
    suspend fun port(): Int = Regex("(\\d+)/?$").find(line())!!.groupValues[1].toInt()

    fun say(text: String): Unit = process.stdin.write(text)

    fun endInput(): Unit = process.stdin.writeEof()

    /** All that it still prints, after which it must have ended well. */
    suspend fun rest(code: Int = 0): String {
        val text = process.stdout.read().decodeToString()
        withClue(text) { process.awaitExit() shouldBe code }
        return text
    }

    companion object {
        suspend operator fun invoke(
            command: List<String>,
            configure: ProcessOptions.Builder.() -> Unit = {},
        ): Program {
            val options =
                ProcessOptions {
                    stderr = StreamType.MERGED
                    configure()
                }
            return Program(startProcess(command, options), command)
        }
    }
}

/** Programs that a machine may not have. */
internal enum class Tool(
    private val command: List<String>,
) {
    PYTHON(listOf("python3")),
    SOCAT(listOf("socat")),
    CURL(listOf("curl", "-q", "--noproxy", "*", "-sS")),
    OPENSSL(listOf("openssl")),
    TMUX(listOf("tmux")),
    REDIS(listOf("redis-server")),
    CHROMIUM(listOf("chromium")),
    ;

    val isInstalled: Boolean =
        System
            .getenv("PATH")
            .orEmpty()
            .split(File.pathSeparatorChar)
            .any { File(it, command[0]).canExecute() }

    fun command(vararg arguments: String): List<String> = command + arguments

    suspend fun start(vararg arguments: String): Program = Program(command(*arguments))

    companion object {
        /** One of those in peers.py. */
        suspend fun peer(vararg arguments: String): Program = PYTHON.start("-c", peers, *arguments)

        private val peers = Tool::class.java.getResource("peers.py")!!.readText()
    }
}

/** A key and its certificate in files, for [host]. */
internal class Identity private constructor(
    val certificate: String,
    val key: String,
) {
    companion object {
        suspend fun make(
            folder: Path,
            host: String = "localhost",
        ): Identity {
            val identity = Identity("$folder/$host.crt", "$folder/$host.key")
            val what = arrayOf("-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
            val whom = arrayOf("-subj", "/CN=$host", "-addext", "subjectAltName=DNS:$host")
            val where = arrayOf("-out", identity.certificate, "-keyout", identity.key)
            Tool.OPENSSL.start("req", *what, *whom, *where).use { it.rest() }
            return identity
        }
    }
}

/** A test of a sample in both languages, skipped with a reason where one of the [tools] is not installed. */
internal fun FunSpec.testBoth(
    name: String,
    vararg tools: Tool,
    test: suspend TestScope.(Language) -> Unit,
) {
    for (language in Language.entries) testWith("$name, in ${language.name.lowercase()}", *tools) { test(language) }
}

internal fun FunSpec.testWith(
    name: String,
    vararg tools: Tool,
    test: suspend TestScope.() -> Unit,
) {
    val missing = tools.filterNot { it.isInstalled }.joinToString { it.name.lowercase() }
    if (missing.isNotEmpty()) println("NOT tested: $name, because $missing is not installed")
    test(name).config(
        enabledOrReasonIf = { if (missing.isEmpty()) Enabled.enabled else Enabled.disabled("$missing is not installed") },
        test = test,
    )
}

internal suspend fun eventually(
    what: () -> String,
    isSo: suspend () -> Boolean,
) {
    val begin = TimeSource.Monotonic.markNow()
    while (!isSo()) {
        check(begin.elapsedNow() < 1.minutes) { "not so within a minute: ${what()}" }
        delay(5.milliseconds)
    }
}
