package dev.sluice.testing

import java.io.IOException
import kotlin.time.Duration

/** What the peer of a [scriptedConnection] does, step by step. */
public class Script internal constructor() {
    internal sealed interface Step

    internal class Expect(
        val bytes: ByteArray,
    ) : Step {
        override fun toString() = "expect(${Quoted(bytes)})"
    }

    internal object ExpectEof : Step {
        override fun toString() = "expectEof()"
    }

    internal class Reply(
        val bytes: ByteArray,
    ) : Step {
        override fun toString() = "reply(${Quoted(bytes)})"
    }

    internal class Wait(
        val time: Duration,
    ) : Step {
        override fun toString() = "wait($time)"
    }

    internal object Eof : Step {
        override fun toString() = "eof()"
    }

    internal class Fail(
        val cause: IOException,
    ) : Step {
        override fun toString() = "fail($cause)"
    }

    private val written = ArrayList<Step>()
    internal val steps: List<Step> get() = written

    /** Waits until just these bytes have come. Others are a mistake at once. */
    public fun expect(bytes: ByteArray) {
        written += Expect(bytes.copyOf())
    }

    /** Waits until just this text has come, in UTF-8. */
    public fun expect(text: String): Unit = expect(text.toByteArray())

    /** Waits for the end of the other side's output. */
    public fun expectEof() {
        written += ExpectEof
    }

    /** Sends these bytes. */
    public fun reply(bytes: ByteArray) {
        written += Reply(bytes.copyOf())
    }

    /** Sends this text, in UTF-8. */
    public fun reply(text: String): Unit = reply(text.toByteArray())

    /** Lets some time pass before it goes on: that of the coroutine that waits to read, and so virtual time in a `runTest`. */
    public fun wait(time: Duration) {
        written += Wait(time)
    }

    /** Ends its output. At the end of a script it does so by itself. */
    public fun eof() {
        written += Eof
    }

    /** Has reading and writing fail with [cause] from now on, after what was sent before. */
    public fun fail(cause: IOException) {
        written += Fail(cause)
    }
}
