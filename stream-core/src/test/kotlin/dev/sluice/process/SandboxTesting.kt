package dev.sluice.process

import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled

/** The launchers whose sandboxes are on this machine, all of which have to do the same. */
internal enum class Place(
    val tool: String?,
) {
    LOCAL(null),
    BUBBLEWRAP("bwrap"),
    ;

    fun launcher(configure: BubblewrapOptions.() -> Unit = {}): Launcher =
        if (this == LOCAL) Launcher.local() else Launcher.bubblewrap(configure)

    suspend fun sandbox(
        vararg command: String,
        configure: SandboxOptions.Builder.() -> Unit = {},
    ): Sandbox = sandbox(launcher(), *command, configure = configure)
}

/** A test of its own for each place, where there is one. */
internal fun FunSpec.eachPlace(
    name: String,
    places: List<Place> = Place.entries,
    body: suspend (Place) -> Unit,
) {
    for (place in places) {
        test("$name (${place.name.lowercase()})").config(enabledOrReasonIf = { isInstalled(place.tool) }) { body(place) }
    }
}

internal fun isInstalled(tool: String?): Enabled =
    if (tool == null || findTool(tool) != null) Enabled.enabled else Enabled.disabled("there is no $tool on this machine")

internal suspend fun sandbox(
    launcher: Launcher,
    vararg command: String,
    configure: SandboxOptions.Builder.() -> Unit = {},
): Sandbox =
    Sandbox.create(
        *command,
        options =
            SandboxOptions {
                this.launcher = launcher
                configure()
            },
    )

internal suspend fun Sandbox.output(
    vararg command: String,
    options: ProcessOptions = ProcessOptions.Default,
): String = exec(*command, options = options).use { it.communicate().run { stdout.decodeToString() + stderr.decodeToString() } }
