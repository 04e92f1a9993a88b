package dev.sluice.net

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe

internal class AddressOrderTest : FunSpec({
    val v6a = ip("2001:db8::a")
    val v6b = ip("2001:db8::b")
    val v6c = ip("2001:db8::c")
    val v4a = ip("192.0.2.1")
    val v4b = ip("192.0.2.2")
    val v4c = ip("192.0.2.3")

    test("C-045, C-124 the first family leads by so many, then both take turns; 0 changes nothing") {
        val found = listOf(v6a, v6b, v6c, v4a, v4b, v4c)
        interleaved(found, 0) shouldBe found
        interleaved(found, 1) shouldBe listOf(v6a, v4a, v6b, v4b, v6c, v4c)
        interleaved(found, 2) shouldBe listOf(v6a, v6b, v4a, v6c, v4b, v4c)
        interleaved(found, 3) shouldBe listOf(v6a, v6b, v6c, v4a, v4b, v4c)
    }

    test("C-045 whichever family the resolver has put first leads") {
        interleaved(listOf(v4a, v6a, v4b, v6b), 1) shouldBe listOf(v4a, v6a, v4b, v6b)
        interleaved(listOf(v4a, v4b, v6a), 1) shouldBe listOf(v4a, v6a, v4b)
        interleaved(listOf(v4a, v6a, v6b, v4b), 2) shouldBe listOf(v4a, v4b, v6a, v6b)
    }

    test("C-045 one family, fewer addresses than are to lead, and none at all") {
        for (count in 0..9) {
            withClue(count) {
                interleaved(listOf(v6b, v6a, v6c), count) shouldBe listOf(v6b, v6a, v6c)
                interleaved(emptyList(), count).shouldBeEmpty()
            }
        }
        interleaved(listOf(v6a, v4a), Int.MAX_VALUE) shouldBe listOf(v6a, v4a)
    }
})
