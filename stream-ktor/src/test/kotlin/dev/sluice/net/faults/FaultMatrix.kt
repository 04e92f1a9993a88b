package dev.sluice.net.faults

internal val ALL_CELLS: List<Cell> =
    Carrier.entries.flatMap { carrier ->
        Moment.entries.flatMap { moment -> Fault.entries.map { Cell(carrier, it, moment) } }
    }

/** What is expected of all cells, and what came of those that were played. */
internal class FaultMatrix(
    private val rules: List<Rule>,
) {
    private val outcomes: Map<Cell, Outcome> = ALL_CELLS.associateWith { cell -> rulesFor(cell).first().outcome }
    private val kept = HashMap<Cell, Boolean>()

    val playable: Map<Cell, Happens> =
        outcomes.mapNotNull { (cell, outcome) -> (outcome as? Happens)?.let { cell to it } }.toMap()

    fun rulesFor(cell: Cell): List<Rule> =
        rules.filter { cell.moment == it.moment && cell.fault in it.faults && cell.carrier in it.carriers }

    /** Takes down whether [play] came to what was expected. */
    suspend fun record(
        cell: Cell,
        play: suspend () -> Unit,
    ) {
        kept[cell] = false
        play()
        kept[cell] = true
    }

    fun summary(): String =
        "The fault matrix: ${ALL_CELLS.size} cells, of which ${kept.values.count { it }} came to what was expected, " +
            "${kept.values.count { !it }} did not, ${playable.size - kept.size} were not played, " +
            "and ${ALL_CELLS.size - playable.size} can't happen"

    fun toMarkdown(): String =
        buildString {
            appendLine("# ${summary()}")
            for (carrier in Carrier.entries) {
                appendLine().appendLine("## $carrier").appendLine()
                appendLine(row("", Moment.entries))
                appendLine(row("---", Moment.entries.map { "---" }))
                for (fault in Fault.entries) appendLine(row("$fault", Moment.entries.map { told(Cell(carrier, fault, it)) }))
            }
            appendLine().appendLine("## What can't happen").appendLine()
            val reasons = outcomes.entries.groupBy({ (it.value as? Never)?.reason }, { it.key })
            for ((reason, cells) in reasons) {
                val carriers = cells.map { it.carrier }.distinct().joinToString()
                if (reason != null) appendLine("- ${cells.size} cells, of $carriers: $reason")
            }
        }

    private fun told(cell: Cell): String =
        when (val outcome = outcomes.getValue(cell)) {
            is Never -> {
                "–"
            }

            is Happens -> {
                "$outcome" +
                    when (kept[cell]) {
                        true -> ""
                        false -> " **FAILED**"
                        null -> " (not played)"
                    }
            }
        }

    private fun row(
        first: String,
        others: List<Any>,
    ) = (listOf(first) + others).joinToString(" | ", prefix = "| ", postfix = " |")
}
