package dev.sluice.net

import org.slf4j.LoggerFactory
import java.io.ByteArrayOutputStream
import java.io.OutputStream
import java.io.PrintStream

/**
 * What was logged since: slf4j-simple writes to whatever `System.err` is at the moment. What else goes there, as the traces of
 * uncaught exceptions, is caught with it, and nothing of it is shown.
 */
internal class LogCapture(
    private val debugged: List<LogLevel>,
) : AutoCloseable {
    private val before = System.err
    private val written = ByteArrayOutputStream()

    init {
        debugged.forEach(LogLevel::lower)
        System.setErr(PrintStream(written as OutputStream, true, "UTF-8"))
    }

    /** Each line as `[thread] LEVEL logger - message`; the lines of stack traces as they are. */
    val lines: List<String> get() = written.toString("UTF-8").lines().filter { it.isNotEmpty() }

    override fun close() {
        System.setErr(before)
        debugged.forEach(LogLevel::restore)
    }
}

/**
 * Catches what is logged until it is closed: warnings and errors, and what the loggers of [debugged] say at the level of debugging.
 *
 * ```kotlin
 * captureLog().use { log ->
 *     ...
 *     log.lines.single() shouldContain "WARN"
 * }
 * ```
 */
internal fun captureLog(vararg debugged: Class<*>): LogCapture = LogCapture(debugged.map(::LogLevel))

/** The level of one logger of slf4j-simple, which has no way of its own to change it later. */
internal class LogLevel(
    of: Class<*>,
) {
    private val logger = LoggerFactory.getLogger(of)
    private val field = logger.javaClass.getDeclaredField("currentLogLevel").apply { isAccessible = true }
    private val before = field.getInt(logger)

    fun lower(): Unit = field.setInt(logger, DEBUG)

    fun restore(): Unit = field.setInt(logger, before)

    private companion object {
        /** `LocationAwareLogger.DEBUG_INT` */
        const val DEBUG = 10
    }
}
