package dev.sluice.net

import dev.sluice.ConnectionResetException
import dev.sluice.StreamClosedException
import dev.sluice.testing.memoryStreamPair
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeSameInstanceAs
import org.slf4j.Marker
import org.slf4j.event.Level
import org.slf4j.helpers.LegacyAbstractLogger
import org.slf4j.helpers.MessageFormatter

internal class HandlerFailuresTest : FunSpec({
    test("S-042 what a handler throws is logged as an error, with its stack trace") {
        val log = RecordingLogger()
        val bug = IllegalStateException("a bug")
        logHandlerFailure(memoryStreamPair().first, bug, log)
        logHandlerFailure(null, bug, log)
        log.lines.map { it.level } shouldBe listOf(Level.ERROR, Level.ERROR)
        log.lines.forEach { it.thrown shouldBeSameInstanceAs bug }
    }

    test("S-044 that a client went away is a line for debugging, without a stack trace") {
        val log = RecordingLogger()
        val ended = memoryStreamPair().first.apply { abort() }
        logHandlerFailure(ended, ConnectionResetException("reset by the peer"), log)
        logHandlerFailure(ended, StreamClosedException("closed here"), log)
        log.lines.map { it.level } shouldBe listOf(Level.DEBUG, Level.DEBUG)
        log.lines.forEach { it.thrown.shouldBeNull() }
        log.lines[0].text shouldContain "reset by the peer"
        log.lines[1].text shouldContain "closed here"
    }

    test("S-042 the lines are those of the server's logger") {
        StreamServer.logger.name shouldBe "dev.sluice.net.StreamServer"
    }
})

private class Line(
    val level: Level,
    val text: String,
    val thrown: Throwable?,
)

private class RecordingLogger : LegacyAbstractLogger() {
    val lines = ArrayList<Line>()

    override fun getFullyQualifiedCallerName(): String? = null

    override fun handleNormalizedLoggingCall(
        level: Level,
        marker: Marker?,
        messagePattern: String?,
        arguments: Array<out Any?>?,
        throwable: Throwable?,
    ) {
        lines += Line(level, MessageFormatter.basicArrayFormat(messagePattern, arguments), throwable)
    }

    override fun isTraceEnabled(): Boolean = true

    override fun isDebugEnabled(): Boolean = true

    override fun isInfoEnabled(): Boolean = true

    override fun isWarnEnabled(): Boolean = true

    override fun isErrorEnabled(): Boolean = true

    private companion object {
        private const val serialVersionUID = 1L
    }
}
