@file:NotOnAndroid

package dev.sluice.process

import dev.sluice.DEFAULT_LIMIT
import dev.sluice.DEFAULT_WRITE_LIMIT
import dev.sluice.NotOnAndroid
import java.nio.file.Path
import kotlin.time.Duration
import kotlin.time.toKotlinDuration
import java.time.Duration as JavaDuration

/**
 * What a sandbox is like, and its main command.
 *
 * ```kotlin
 * Sandbox.create("python3", "job.py", options = SandboxOptions { launcher = Launcher.bubblewrap(); timeout = 1.minutes })
 * ```
 * In Java: `SandboxOptions.builder().launcher(Launcher.bubblewrap()).timeout(Duration.ofMinutes(1)).build()`.
 */
public class SandboxOptions private constructor(
    builder: Builder,
) {
    /** Where the main command runs, taken from the sandbox's own folder; `null` is that folder. */
    public val workDir: Path? = builder.workDir

    /** Variables for all its commands, besides `PATH`, `HOME` and `LANG` and those that are inherited; `null` takes one away. */
    public val env: Map<String, String?> = builder.env.toMap()

    /** Whether its commands get this program's environment, instead of a clean one. */
    public val inheritEnv: Boolean = builder.inheritEnv

    /** What becomes of the main command's standard output. */
    public val stdout: StreamType = builder.stdout

    /** What becomes of the main command's standard error. */
    public val stderr: StreamType = builder.stderr

    /** The limit of the readers of the main command's output; see [dev.sluice.StreamReader]. */
    public val limit: Int = builder.limit

    /** How much the writer of the main command's input holds; see [dev.sluice.StreamWriter]. */
    public val writeLimit: Int = builder.writeLimit

    /** How long the sandbox may last before everything in it is killed; `null` is without a bound. */
    @get:JvmSynthetic
    public val timeout: Duration? = builder.timeout

    /** Gives the main command a terminal of this size as its input and output; `null` gives it pipes. */
    public val pty: PtySize? = builder.pty

    /** What its commands may use. */
    public val limits: SandboxLimits = builder.limits

    /** Where and how its commands run. */
    public val launcher: Launcher = builder.launcher

    /** For the main command. The sandbox looks after its own timeout. */
    internal val main: ProcessOptions =
        ProcessOptions {
            stdout = builder.stdout
            stderr = builder.stderr
            limit = builder.limit
            writeLimit = builder.writeLimit
            pty = builder.pty
            timeout = builder.timeout
        }

    init {
        for ((name, value) in env) checkVariable(name, value)
    }

    /** Collects options: by assignment in Kotlin, by call in Java. */
    public class Builder internal constructor() {
        @get:JvmSynthetic
        @set:JvmSynthetic
        public var workDir: Path? = null

        @get:JvmSynthetic
        @set:JvmSynthetic
        public var env: Map<String, String?> = emptyMap()

        @get:JvmSynthetic
        @set:JvmSynthetic
        public var inheritEnv: Boolean = false

        @get:JvmSynthetic
        @set:JvmSynthetic
        public var stdout: StreamType = StreamType.PIPE

        @get:JvmSynthetic
        @set:JvmSynthetic
        public var stderr: StreamType = StreamType.PIPE

        @get:JvmSynthetic
        @set:JvmSynthetic
        public var limit: Int = DEFAULT_LIMIT

        @get:JvmSynthetic
        @set:JvmSynthetic
        public var writeLimit: Int = DEFAULT_WRITE_LIMIT

        @get:JvmSynthetic
        @set:JvmSynthetic
        public var timeout: Duration? = null

        @get:JvmSynthetic
        @set:JvmSynthetic
        public var pty: PtySize? = null

        @get:JvmSynthetic
        @set:JvmSynthetic
        public var limits: SandboxLimits = SandboxLimits.None

        @get:JvmSynthetic
        @set:JvmSynthetic
        public var launcher: Launcher = Launcher.local()

        /** @see SandboxOptions.workDir */
        public fun workDir(folder: Path?): Builder = apply { workDir = folder }

        /** @see SandboxOptions.env */
        public fun env(variables: Map<String, String?>): Builder = apply { env = variables }

        /** @see SandboxOptions.inheritEnv */
        public fun inheritEnv(on: Boolean): Builder = apply { inheritEnv = on }

        /** @see SandboxOptions.stdout */
        public fun stdout(type: StreamType): Builder = apply { stdout = type }

        /** @see SandboxOptions.stderr */
        public fun stderr(type: StreamType): Builder = apply { stderr = type }

        /** @see SandboxOptions.limit */
        public fun limit(bytes: Int): Builder = apply { limit = bytes }

        /** @see SandboxOptions.writeLimit */
        public fun writeLimit(bytes: Int): Builder = apply { writeLimit = bytes }

        /** @see SandboxOptions.timeout */
        public fun timeout(time: JavaDuration?): Builder = apply { timeout = time?.toKotlinDuration() }

        /** @see SandboxOptions.pty */
        public fun pty(size: PtySize?): Builder = apply { pty = size }

        /** @see SandboxOptions.limits */
        public fun limits(limits: SandboxLimits): Builder = apply { this.limits = limits }

        /** @see SandboxOptions.launcher */
        public fun launcher(launcher: Launcher): Builder = apply { this.launcher = launcher }

        /** @throws IllegalArgumentException an option has a value that makes no sense */
        public fun build(): SandboxOptions = SandboxOptions(this)
    }

    public companion object {
        /** What holds where nothing else is said. */
        @JvmField
        public val Default: SandboxOptions = SandboxOptions {}

        /** @throws IllegalArgumentException an option has a value that makes no sense */
        @JvmSynthetic
        public operator fun invoke(configure: Builder.() -> Unit): SandboxOptions = Builder().apply(configure).build()

        @JvmStatic
        public fun builder(): Builder = Builder()
    }
}
