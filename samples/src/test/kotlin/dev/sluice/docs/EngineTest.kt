package dev.sluice.docs

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import kotlin.time.Duration.Companion.milliseconds

/** That a page with a mistake fails, and says where. */
internal class EngineTest :
    FunSpec({
        fun page(text: String) = Page("docs/some-page.md", text.trimIndent().replace("'''", "```"))

        fun compiled(page: Page) = Examples(listOf(page), tempdir().toPath())

        test("what a compiler finds has the line of the page, in a block and in the comments around it") {
            compiled(
                page(
                    """
                    <!-- before
                    val a: Int = "1"
                    -->

                    '''kotlin
                    import java.no.Such

                    val b: Int = "2"
                    '''

                    <!-- after
                    val c: Int = "3"
                    -->

                    '''java
                    int d = "4";
                    '''
                    """,
                ),
            ).errors.map { it.substringBefore(": ") } shouldBe listOf(6, 2, 8, 12, 16).map { "docs/some-page.md:$it" }
        }

        test("what an example throws has the line of the page") {
            val page =
                page(
                    """
                    <!-- before
                    fun one() = 1
                    -->
                    '''kotlin
                    launch {
                        delay(1.milliseconds)
                        check(one() == 2)
                    }
                    '''
                    '''java
                    var one = List.of(1);
                    one.add(2);
                    '''
                    """,
                )
            val examples = compiled(page)
            val failures = page.examples.map { shouldThrow<AssertionError> { examples.run(it) }.message!! }
            failures[0] shouldBe "docs/some-page.md:7: java.lang.IllegalStateException: Check failed."
            failures[1] shouldBe "docs/some-page.md:12: java.lang.UnsupportedOperationException"
        }

        test("an example that hangs is an error, with the line where it stands") {
            val page =
                page(
                    """
                    '''kotlin
                    val (client, server) = memoryStreamPair()
                    client.use { client.reader.read() }
                    server.close()
                    '''
                    '''java
                    new CountDownLatch(1)
                        .await();
                    '''
                    """,
                )
            val examples = compiled(page)
            val failures = page.examples.map { shouldThrow<AssertionError> { examples.run(it, 300.milliseconds) }.message!! }
            failures[0] shouldBe "docs/some-page.md:2: java.lang.AssertionError: not done within 300ms"
            failures[1] shouldBe "docs/some-page.md:8: java.lang.AssertionError: not done within 300ms"
        }

        test("blocks that go on, members, the port, and what was printed") {
            val page =
                page(
                    """
                    <!-- members -->
                    '''kotlin
                    object Answer { const val VALUE = 42 }
                    '''
                    <!-- members -->
                    '''java
                    static int port() { return 8888; }
                    '''

                    '''kotlin
                    val port = 8888
                    '''
                    '''java
                    int a = 8888;
                    '''
                    Text.

                    <!-- goes on -->
                    <!-- before
                    check(port != 8887 + 1)
                    -->
                    '''kotlin
                    println(Answer.VALUE)
                    '''
                    <!-- after
                    check(printed() == "42\n")
                    -->

                    <!-- goes on -->
                    '''java
                    System.out.print(a);
                    if (!printed().equals("" + a) || port() == a) throw new AssertionError(printed());
                    '''

                    <!-- compiled only: it fails -->
                    '''java
                    throw new AssertionError();
                    '''
                    """,
                )
            val examples = compiled(page)
            examples.errors.shouldBeEmpty()
            page.examples.map { it.line to it.isRun } shouldBe listOf(10 to true, 13 to true, 36 to false)
            page.examples.filter { it.isRun }.forEach { examples.run(it) }
        }

        test("what is printed is no longer captured afterwards") {
            val page = page("'''kotlin\nprintln(1)\n'''")
            val before = System.out
            compiled(page).run(page.examples.single())
            System.out shouldBe before
        }

        test("a comment that is no marker, and one without a block, are errors") {
            fun error(text: String) = shouldThrow<IllegalArgumentException> { page(text) }.message
            val block = "'''kotlin\n'''\n"
            error("<!-- befor\n-->\n$block") shouldBe "docs/some-page.md:1: there is no such marker before a block"
            error("<!-- compiled only -->\n$block") shouldBe "docs/some-page.md:1: there is no such marker before a block"
            error("$block\n<!-- afterwards\n-->\nText.") shouldBe "docs/some-page.md:4: this comment belongs to no block"
            error("<!-- goes on -->\nText.\n$block") shouldBe "docs/some-page.md:1: this comment belongs to no block"
            error("<!-- before\n-->\n'''sh\n'''") shouldBe "docs/some-page.md:1: this comment belongs to no block"
            error("Text.\n<!-- after\n-->") shouldBe "docs/some-page.md:2: this comment belongs to no block"
            error("<!-- after\n-->\n$block") shouldBe "docs/some-page.md:1: there is no such marker before a block"
            error("<!-- goes on -->\n$block") shouldBe "docs/some-page.md:2: there is nothing before it that could go on"
            error("<!-- before\ncode") shouldBe "docs/some-page.md:1: this comment has no end"
            error("<!-- before\ncode -->\n$block") shouldBe
                "docs/some-page.md:2: the end of a comment stands on a line of its own"
            error("'''kotlin\ncode") shouldBe "docs/some-page.md:1: this block has no end"
        }

        test("a block in a list, and one that is written in capitals, are blocks") {
            val page = page("<!-- of the author -->\nText.\n- item\n\n  '''Kotlin\n  one()\n    two()\n  '''\n'''sh\n'''")
            page.examples
                .single()
                .lines
                .map { it.text } shouldBe listOf("one()", "  two()")
        }
    })
