package dev.sluice.process.remote

import dev.sluice.StreamFeed
import dev.sluice.process.ChildStreams
import dev.sluice.process.NoInput
import dev.sluice.process.pipes.ChildInput
import dev.sluice.process.pipes.ChildOutput
import dev.sluice.transport.ByteSink
import dev.sluice.transport.ByteSource
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.io.IOException
import java.nio.file.AccessDeniedException
import java.nio.file.NoSuchFileException
import java.nio.file.NotDirectoryException
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit

/** What the first line from another place means. */
internal class RemoteStartTest :
    FunSpec({
        val start = RemoteStart("ssh to there", "token", "prog", "/dir")

        fun after(
            said: String,
            complaint: String? = "",
        ): RemoteIdentity {
            val process = ProcessBuilder("sh", "-c", "exit 255").start()
            return start.await(ChildStreams(Unused, Said(said), complaint?.let(::Said)), process)
        }

        test("the number of the command") {
            after("token 17 17\nout").run { pid to session } shouldBe (17L to 17L)
            after("token 17 3\r\n").run { pid to session } shouldBe (17L to 3L)
            after("token 17 -\n").run { pid to session } shouldBe (17L to null)
        }

        test("what is said before is not it") {
            after("hello\n\nyou\ntoken 17 17\n").pid shouldBe 17
        }

        test("X-083 what was missing") {
            shouldThrow<NoSuchFileException> { after("token ${RemoteScript.MISSING_FOLDER}\n") }.file shouldBe "/dir"
            shouldThrow<NotDirectoryException> { after("token ${RemoteScript.NO_FOLDER}\n") }
            shouldThrow<NoSuchFileException> { after("token ${RemoteScript.MISSING_PROGRAM}\n") }.file shouldBe "prog"
            shouldThrow<AccessDeniedException> { after("token ${RemoteScript.NO_PROGRAM}\n") }.file shouldBe "prog"
        }

        test("X-082 who could not get there says why, or says nothing") {
            shouldThrow<IOException> { after("", "host unknown\n") }.message shouldBe
                "ssh to there could not start prog: host unknown"
            shouldThrow<IOException> { after("a banner\n") }.message shouldBe "ssh to there could not start prog: a banner"
            for (complaint in listOf("", null)) {
                shouldThrow<IOException> { after("", complaint) }.message shouldBe
                    "ssh to there could not start prog: it said nothing, and ended with 255"
            }
        }

        test("a line that comes later, in two pieces") {
            val feed = StreamFeed()
            CompletableFuture.runAsync(
                {
                    feed.feed("token".toByteArray())
                    feed.feed(" 9 -\n".toByteArray())
                },
                CompletableFuture.delayedExecutor(20, TimeUnit.MILLISECONDS),
            )
            start.await(ChildStreams(Unused, Fed(feed), null), ProcessBuilder("true").start()).pid shouldBe 9
        }
    })

internal open class Fed(
    feed: StreamFeed,
) : ChildOutput,
    ByteSource by feed {
    override fun childEnded(): Unit = Unit

    override fun isSettled(): Boolean = true

    override fun endNow(): Unit = Unit
}

internal class Said(
    text: String,
) : Fed(
        StreamFeed().apply {
            feed(text.toByteArray())
            feedEof()
        },
    )

private object Unused : ChildInput, ByteSink by NoInput {
    override fun childEnded(): Unit = Unit
}
