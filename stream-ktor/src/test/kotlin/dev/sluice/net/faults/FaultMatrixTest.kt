package dev.sluice.net.faults

import dev.sluice.process.ProcessOptions
import dev.sluice.process.PtySize
import dev.sluice.process.startProcess
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.matchers.collections.shouldBeEmpty
import java.io.File

/** Every carrier, every fault, every moment. What comes of it all is written to `target/fault-matrix.md`. */
internal class FaultMatrixTest :
    FunSpec({
        val matrix = FaultMatrix(EXPECTATIONS)

        beforeSpec {
            // What comes with the first process stays.
            startProcess("true").use { it.awaitExit() }
            startProcess("true", options = ProcessOptions { pty = PtySize(80, 24) }).use { it.awaitExit() }
        }

        test("there is one rule for each cell") {
            ALL_CELLS.filter { matrix.rulesFor(it).size != 1 }.shouldBeEmpty()
        }

        for ((cell, expected) in matrix.playable) {
            val obstacle = obstacleTo(cell)
            test("$cell").config(enabledOrReasonIf = { if (obstacle == null) Enabled.enabled else Enabled.disabled(obstacle) }) {
                matrix.record(cell) { cell.play(expected) }
            }
        }

        afterSpec {
            val report = File("target/fault-matrix.md")
            report.writeText(matrix.toMarkdown())
            println(matrix.summary() + ", see $report")
        }
    })

private fun obstacleTo(cell: Cell): String? =
    if (cell.fault == Fault.KILLED && !cell.carrier.isProcess) python.obstacle(cell.carrier.socket) else null
