package dev.sluice.net

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe

private const val FOUND =
    "1 connections were not closed: | A connection to /127.0.0.1:PORT was never closed, and nobody can do it any more"

internal class LeakTest : FunSpec({
    test(
        "connections that everybody has forgotten are closed and told of once, with the place that opened them; others are left alone",
    ) {
        leaks("always").shouldContainExactly(
            "forgotten: $FOUND: it was opened at dev.sluice.net.leaks.LeakProgramKt.forgetOne(LeakProgram.kt)",
            "told once: nothing",
            "the peer has seen its end",
            "not read any more: $FOUND: it was opened at dev.sluice.net.leaks.LeakProgramKt.stopReading(LeakProgram.kt)",
            "its reader in use: nothing",
            "its writer in use: nothing",
            "closed: $FOUND: it was opened at dev.sluice.net.leaks.LeakProgramKt.readerOf(LeakProgram.kt)",
            "lost and closed: nothing",
            "its end awaited: nothing",
            "and told",
        )
    }

    test("where only a few places are noted the others say how to learn more") {
        leaks("sampled").first { it.startsWith("closed") } shouldBe
            "closed: $FOUND; -Ddev.sluice.leaks=always says where each was opened"
    }
})

private fun leaks(mode: String): List<String> =
    ChildJvm("dev.sluice.net.leaks.LeakProgramKt", listOf("-Ddev.sluice.leaks=$mode")).lines()
