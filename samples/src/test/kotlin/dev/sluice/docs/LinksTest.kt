package dev.sluice.docs

import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainAll
import io.kotest.matchers.shouldBe
import java.io.File

/** Every link of the documentation leads somewhere. */
internal class LinksTest :
    FunSpec({
        val root = File("..").canonicalFile
        val guides = root.resolve("docs").listFiles { file -> file.extension == "md" }!!.toList()
        val pages = guides + root.listFiles { file -> file.extension == "md" }!!

        test("every link to a file, and to a heading in it, leads somewhere") {
            pages.flatMap { Links(it).broken() }.shouldBeEmpty()
        }

        test("the list of pages has all of them") {
            Links(root.resolve("docs/README.md")).targets() shouldContainAll guides.filterNot { it.name == "README.md" }
        }

        test("a link to nowhere is found, and code is no link") {
            val folder = tempdir()
            folder.resolve("other.md").writeText("# One `two` (three)\n\n# Again\n# Again\n```sh\n# no heading\n```\n")
            val page = folder.resolve("page.md")
            page.writeText(
                """
                [a](other.md), [b](other.md#one-two-three) and [c](other.md#again-1) ![d](missing.svg)
                [e](missing.md) [f](#here), [g](#nowhere), [h](other.md#no-heading) [i](https://example.org/missing.md)
                `[j](missing.md)`
                ```kotlin
                a[k](missing)
                ```
                <img src="missing.png">
                ## Here
                """.trimIndent(),
            )
            Links(page).broken() shouldBe
                listOf(
                    "1: missing.svg",
                    "2: missing.md",
                    "2: #nowhere",
                    "2: other.md#no-heading",
                    "7: missing.png",
                ).map { "${folder.name}/page.md:$it" }
        }
    })
