package dev.sluice.fuzz

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeGreaterThan
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.random.Random

/** What fuzzing has found worth keeping, and as many random inputs as there is time for. `-Pfuzz` goes on from there. */
internal class FuzzTargetsTest : FunSpec({
    val quoting = autoClose(PosixQuotingFuzz())

    for ((target, seeds, holds) in listOf(
        Target(ReadUntilFuzz::class.java, 2_000, ReadUntilFuzz()::holds),
        Target(TextReaderFuzz::class.java, 2_000, TextReaderFuzz()::holds),
        Target(TlsPeerFuzz::class.java, 100, TlsPeerFuzz()::holds),
        Target(PosixQuotingFuzz::class.java, 1_000, quoting::holds),
    )) {
        test("${target.simpleName} holds for every kept input") {
            val inputs = keptInputs(target)
            for (input in inputs) withClue(input.name) { holds(Files.readAllBytes(input)) }
            inputs.size shouldBeGreaterThan 0
        }

        test("${target.simpleName} holds for random inputs") {
            for (seed in 1..seeds) {
                val random = Random(seed)
                withClue("seed $seed") { holds(random.nextBytes(random.nextInt(300))) }
            }
        }
    }
})

private data class Target(
    val name: Class<*>,
    val seeds: Int,
    val holds: (ByteArray) -> Unit,
)

/** Where the fuzzer looks for them. */
private fun keptInputs(target: Class<*>): List<Path> =
    Path.of(target.getResource("${target.simpleName}Inputs/holds")!!.toURI()).listDirectoryEntries()
