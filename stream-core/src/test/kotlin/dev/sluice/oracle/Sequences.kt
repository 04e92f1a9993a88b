package dev.sluice.oracle

import kotlin.random.Random

/**
 * Random sequences from [seed], made so that what is hard is frequent: separators, their pieces and their overlaps, limits of a
 * few bytes, ends, cancellations.
 */
internal class Sequences(
    seed: Long,
    private val severalSeparators: Boolean,
) {
    private val random = Random(seed)

    /** Most sequences are about a few bytes, a few about more than a buffer holds. */
    private var scale = 1
    private var alphabet = ""
    private var separators = emptyList<String>()

    fun next(): Sequence {
        scale = if (chance(2)) 1000 else 1
        alphabet =
            "ab\r\n\u00ff".toList().shuffled(random).take(random.nextInt(2, 5)).joinToString("", if (chance(50)) "\n" else "")
        separators = List(3) { if (chance(25)) listOf("\n", "\r\n", "\r").random(random) else letters(1, 4) }
        val limit = if (chance(50)) random.nextInt(1, 5) else random.nextInt(1, 17)
        val turns = if (random.nextInt(200) == 0) manyTurns() else List(random.nextInt(4, 25)) { turn() }
        return Sequence(limit * scale, turns)
    }

    /** So many operations that the reader lets others run now and then, as it does when it never has to wait. */
    private fun manyTurns() =
        List(300) {
            if (chance(30)) listOf(feed()) else listOf(shortOperation(), Cancel)
        }.flatten().map(::alone)

    private fun shortOperation() = if (chance(50)) Read(1) else operation()

    private fun turn(): Turn =
        when (random.nextInt(100)) {
            in 0..37 -> {
                alone(feed())
            }

            in 38..40 -> {
                alone(FeedEof)
            }

            in 41..46 -> {
                alone(Cancel)
            }

            in 47..54 -> {
                Turn(
                    List(random.nextInt(2, 4)) {
                        if (chance(60)) {
                            feed()
                        } else if (chance(67)) {
                            Cancel
                        } else {
                            FeedEof
                        }
                    },
                )
            }

            else -> {
                alone(operation())
            }
        }

    private fun alone(step: Step) = Turn(listOf(step))

    private fun operation(): Operation =
        when (random.nextInt(100)) {
            in 0..34 -> ReadUntil(wantedSeparators())
            in 35..46 -> ReadLineBytes
            in 47..54 -> ReadLine
            in 55..64 -> Iterate
            in 65..76 -> ReadExactly(count(lowest = -1))
            in 77..88 -> Read(count(lowest = 0))
            in 89..93 -> ReadInto(count(lowest = 0))
            else -> Read(if (chance(80)) -1 else -5)
        }

    private fun wantedSeparators(): List<String> =
        when {
            chance(4) -> emptyList()
            !severalSeparators || chance(30) -> listOf(separator())
            else -> List(random.nextInt(2, 4)) { separator() }
        }

    private fun separator() = if (chance(2)) "" else separators.random(random)

    private fun count(lowest: Int) = if (chance(10)) random.nextInt(lowest, 1) else random.nextInt(1, 21) * scale

    private fun feed() = Feed(if (chance(4)) "" else List(random.nextInt(1, 5)) { piece() }.joinToString(""))

    private fun piece(): String {
        val separator = separators.random(random)
        return when (random.nextInt(10)) {
            0, 1, 2 -> separator
            3, 4 -> separator.take(random.nextInt(separator.length))
            5 -> separator.drop(1)
            6 -> if (scale == 1) letters(1, 8) else "${alphabet.random(random)}".repeat(random.nextInt(6 * scale))
            else -> letters(0, 3)
        }
    }

    private fun letters(
        fewest: Int,
        most: Int,
    ) = String(CharArray(random.nextInt(fewest, most + 1)) { alphabet.random(random) })

    private fun chance(percent: Int) = random.nextInt(100) < percent
}

/** A sequence as short as possible that is still [wrong]. */
internal fun Sequence.shrunk(wrong: (Sequence) -> Boolean): Sequence {
    var smallest = this
    do {
        val smaller = smallest.smaller().firstOrNull(wrong)
        smallest = smaller ?: smallest
    } while (smaller != null)
    return smallest
}

private fun Sequence.smaller() =
    sequence {
        yieldAll(turns.pieces().map { copy(turns = it) })
        for ((i, turn) in turns.withIndex()) {
            yieldAll(turn.smaller().map { copy(turns = turns.take(i) + it + turns.drop(i + 1)) })
        }
    }

private fun Turn.smaller() =
    sequence {
        if (steps.size > 1) yieldAll(steps.pieces().map { Turn(it) })
        for ((i, step) in steps.withIndex()) {
            if (step !is Feed) continue
            yieldAll(
                step.bytes
                    .toList()
                    .pieces()
                    .map { Turn(steps.take(i) + Feed(it.joinToString("")) + steps.drop(i + 1)) },
            )
        }
    }

/** This list without a part of it, large parts first; never nothing. */
private fun <T> List<T>.pieces() =
    sequence {
        var size = this@pieces.size / 2
        while (size > 0) {
            for (from in this@pieces.indices step size) yield(take(from) + drop(from + size))
            size /= 2
        }
    }
