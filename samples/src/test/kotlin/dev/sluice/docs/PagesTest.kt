package dev.sluice.docs

import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe

/** Every block of Kotlin and Java on the pages is compiled, and does what its page says. */
internal class PagesTest :
    FunSpec({
        val pages = Page.all()
        val examples = Examples(pages, tempdir().toPath())

        test("the examples of all pages compile") {
            examples.errors.joinToString("\n") shouldBe ""
        }

        if (examples.errors.isEmpty()) {
            for (example in pages.flatMap { it.examples }.filter { it.isRun }) {
                test(example.place) { examples.run(example) }
            }
        }
    })
