package dev.sluice.net.faults

import kotlin.reflect.KClass

/** What is to come of a cell. */
internal sealed class Outcome

/** It can't come to that. */
internal class Never(
    val reason: String,
) : Outcome()

/**
 * @property failure the class, exactly, of what is thrown; `null` if nothing is
 * @property waits whether it goes on until its caller gives up
 * @property everyByte whether all that was sent before is received, and nothing else: here while reading, else by the peer
 */
internal data class Happens(
    val failure: KClass<out Throwable>? = null,
    val waits: Boolean = false,
    val everyByte: Boolean = true,
) : Outcome() {
    override fun toString(): String = name + if (everyByte) ", every byte" else ""

    private val name get() = if (waits) "waits" else failure?.simpleName ?: "completes"
}

/** Nobody is there any more who could have them, or wants them. */
internal val Happens.withoutBytes: Happens get() = copy(everyByte = false)

internal val completes: Happens = Happens()

internal val waits: Happens = Happens(waits = true)

internal inline fun <reified T : Throwable> fails(): Happens = Happens(T::class)

/** A part of what is expected. */
internal class Rule(
    val moment: Moment,
    val faults: Set<Fault>,
    val carriers: Set<Carrier>,
    val outcome: Outcome,
)

/** What is said of one moment, as pairs: who and what, and what comes of it. */
internal class RulesAt(
    private val moment: Moment,
) {
    val rules = ArrayList<Rule>()

    fun rule(
        faults: Set<Fault>,
        carriers: Set<Carrier>,
        outcome: Outcome,
    ) {
        rules += Rule(moment, faults, carriers, outcome)
    }

    fun rule(
        fault: Fault,
        carriers: Set<Carrier>,
        outcome: Outcome,
    ): Unit = rule(setOf(fault), carriers, outcome)

    fun never(
        faults: Set<Fault>,
        carriers: Set<Carrier>,
        reason: String,
    ): Unit = rule(faults, carriers, Never(reason))

    fun never(
        fault: Fault,
        carriers: Set<Carrier>,
        reason: String,
    ): Unit = never(setOf(fault), carriers, reason)
}

internal fun at(
    vararg moments: Moment,
    say: RulesAt.() -> Unit,
): List<Rule> = moments.flatMap { RulesAt(it).apply(say).rules }
