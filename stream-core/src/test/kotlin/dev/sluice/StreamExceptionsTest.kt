package dev.sluice

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainAll
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import io.kotest.matchers.types.shouldNotBeSameInstanceAs
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CopyableThrowable
import kotlinx.coroutines.ExperimentalCoroutinesApi
import java.io.ByteArrayInputStream
import java.io.ByteArrayOutputStream
import java.io.EOFException
import java.io.File
import java.io.IOException
import java.io.ObjectInputStream
import java.io.ObjectOutputStream
import java.net.ConnectException
import kotlin.time.Duration.Companion.seconds

internal class StreamExceptionsTest : FunSpec({
    test("R-016 every exception of the package is in these tests") {
        val classes =
            File(
                StreamReader::class.java.protectionDomain.codeSource.location
                    .toURI(),
            ).resolve("dev/sluice")
        val names =
            classes
                .list()
                .orEmpty()
                .filter { it.endsWith("Exception.class") }
                .map { it.removeSuffix(".class") }
        exceptions.map { it.javaClass.simpleName } shouldContainAll names
    }

    test("R-016 each is an IOException; an early end and a failed connect are of the kind that java has for them") {
        exceptions.forEach { it.shouldBeInstanceOf<IOException>() }
        IncompleteReadException(ByteArray(0)).shouldBeInstanceOf<EOFException>()
        AllAddressesFailedException("all", listOf(IOException())).shouldBeInstanceOf<ConnectException>()
    }

    test("R-016 fields, message and cause survive Java serialization") {
        for (original in exceptions) {
            withClue(original) { serialized(original).shouldBeLike(original) }
        }
    }

    test("R-016 fields and message survive the copy that coroutines make for stack traces, whose cause is the original") {
        for (original in exceptions) {
            withClue(original) {
                @OptIn(ExperimentalCoroutinesApi::class)
                val copy = original.shouldBeInstanceOf<CopyableThrowable<*>>().createCopy()!!
                copy shouldNotBeSameInstanceAs original
                copy.cause shouldBe original
                (copy as IOException).shouldBeLike(original)

                val failed = CompletableDeferred<Unit>().apply { completeExceptionally(original) }
                val awaited = runCatching { failed.await() }.exceptionOrNull()
                (awaited as IOException).shouldBeLike(original)
            }
        }
    }

    test("messages say what happened, and what can be done about it") {
        IncompleteReadException(ByteArray(3), expected = 5).message shouldBe "the stream ended after 3 of 5 bytes"
        IncompleteReadException(ByteArray(3)).message shouldBe "the stream ended after 3 bytes, before any separator"
        val overrun = LimitOverrunException(consumed = 70_000, limit = 65_536).message!!
        for (part in listOf("70000", "65536", "readExactly(70000)", "skipUntil()", "raise the limit")) overrun shouldContain part
        ProcessTimeoutException(30.seconds, ByteArray(0), ByteArray(0)).message shouldBe
            "the process ran longer than its timeout of 30s and was killed"
    }

    test("each address that failed is there with its own cause, and there is at least one") {
        val causes = listOf(IOException("first"), ConnectException("second"))
        val failed = AllAddressesFailedException("no address of db answered", causes)
        failed.causes shouldBe causes
        failed.suppressed.toList() shouldBe causes
        runCatching { AllAddressesFailedException("none", emptyList()) }
            .exceptionOrNull()
            .shouldBeInstanceOf<IllegalArgumentException>()
    }

    test("an abort's reason and a reset's origin are their causes") {
        val why = IllegalStateException("why")
        StreamClosedException("closed", why).cause shouldBe why
        ConnectionResetException("reset", why).cause shouldBe why
        ConnectTimeoutException("late", why).cause shouldBe why
        StreamClosedException("closed").cause shouldBe null
    }
})

private val exceptions: List<IOException> =
    listOf(
        IncompleteReadException(latin1("abc"), expected = 5),
        IncompleteReadException(latin1("abc\u00FF")),
        LimitOverrunException(consumed = 9, limit = 7),
        MessageTooLongException(length = 9, maxLength = 7),
        WriteLimitException("too much"),
        StreamClosedException("closed", IOException("why")),
        ConnectionResetException("reset by db:5432", IOException("Connection reset by peer")),
        ConnectTimeoutException("no connection to db:5432 within 30s", IOException("why")),
        CloseTimeoutException("the peer took no byte for 30s"),
        IdleTimeoutException("idle"),
        TlsHandshakeTimeoutException("handshake"),
        TlsShutdownTimeoutException("shutdown"),
        TlsTruncatedException("truncated"),
        ProcessTimeoutException(1.5.seconds, latin1("out"), latin1("err")),
        ProcessTimeoutException(1.seconds, latin1(""), latin1(""), "killed by its sandbox"),
        AllAddressesFailedException("no address of db answered", listOf(IOException("a"), ConnectException("b"))),
    )

private fun IOException.shouldBeLike(original: IOException) {
    javaClass shouldBe original.javaClass
    message shouldBe original.message
    fields(this) shouldBe fields(original)
}

private fun fields(exception: IOException): List<Any?> =
    when (exception) {
        is IncompleteReadException -> listOf(exception.partial.latin1, exception.expected)
        is LimitOverrunException -> listOf(exception.consumed, exception.limit)
        is MessageTooLongException -> listOf(exception.length, exception.maxLength)
        is ProcessTimeoutException -> listOf(exception.timeout, exception.stdout.latin1, exception.stderr.latin1)
        is AllAddressesFailedException -> exception.causes.map { it.toString() }
        else -> emptyList()
    }

private fun serialized(exception: IOException): IOException {
    val bytes = ByteArrayOutputStream()
    ObjectOutputStream(bytes).use { it.writeObject(exception) }
    return ObjectInputStream(ByteArrayInputStream(bytes.toByteArray())).use { it.readObject() } as IOException
}
