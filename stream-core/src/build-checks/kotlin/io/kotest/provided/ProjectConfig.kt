package io.kotest.provided

import dev.sluice.testing.checkNoLeaks
import io.kotest.core.config.AbstractProjectConfig
import io.kotest.engine.concurrency.SpecExecutionMode
import kotlin.time.Duration
import kotlin.time.Duration.Companion.minutes

/** What holds for the specs of every module. Kotest finds it by this name and package. */
internal class ProjectConfig : AbstractProjectConfig() {
    /** Also runs over all the leaves of a container: shorter, it would cancel them and leave them uncounted. */
    override val timeout: Duration = 20.minutes

    /** The limit of a single test. Generous: it is there for what hangs, not for what is slow. */
    override val invocationTimeout: Duration = 5.minutes

    /** One after the other: many tests watch the clock or count threads. */
    override val specExecutionMode: SpecExecutionMode = SpecExecutionMode.Sequential

    override val failOnEmptyTestSuite: Boolean = true

    /** No test forgets a connection; the message says where each was opened. */
    override suspend fun afterProject(): Unit = checkNoLeaks()
}
