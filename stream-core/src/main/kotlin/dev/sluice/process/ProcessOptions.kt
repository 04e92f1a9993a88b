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
 * How a process is started, and what its streams are like.
 *
 * ```kotlin
 * startProcess("make", "test", options = ProcessOptions { workDir = project; timeout = 10.minutes; stderr = StreamType.MERGED })
 * ```
 * In Java: `ProcessOptions.builder().workDir(project).stderr(StreamType.MERGED).build()`.
 */
public class ProcessOptions private constructor(
    builder: Builder,
) {
    /** Where it runs; `null` is this program's own directory, in a sandbox that of the sandbox. */
    public val workDir: Path? = builder.workDir

    /** Variables of its environment, besides those that it inherits; `null` takes one away. */
    public val env: Map<String, String?> = builder.env.toMap()

    /** Whether it gets this program's environment, in a sandbox that of the sandbox. */
    public val inheritEnv: Boolean = builder.inheritEnv

    /** What becomes of its standard output. */
    public val stdout: StreamType = builder.stdout

    /** What becomes of its standard error. */
    public val stderr: StreamType = builder.stderr

    /** The limit of the readers of its output; see [dev.sluice.StreamReader]. */
    public val limit: Int = builder.limit

    /** How much the writer of its input holds; see [dev.sluice.StreamWriter]. */
    public val writeLimit: Int = builder.writeLimit

    /** How long it may run before it is killed, with all that it has started; `null` is without a bound. */
    @get:JvmSynthetic
    public val timeout: Duration? = builder.timeout

    /** Gives it a pseudo-terminal of this size, by pty4j: stdout then carries both outputs, and stderr is at its end. `null` gives it pipes. */
    public val pty: PtySize? = builder.pty

    init {
        require(stdout != StreamType.MERGED) { "stdout can't be MERGED: that is for stderr, which then goes into stdout" }
        require(limit > 0) { "limit must be positive, not $limit" }
        require(writeLimit > 0) { "writeLimit must be positive, not $writeLimit" }
        require(timeout == null || timeout.isPositive()) { "timeout must be positive, not $timeout; for no timeout leave it out" }
        for ((name, value) in env) checkVariable(name, value)
        if (pty != null) {
            require(stdout != StreamType.DEVNULL) { "stdout of a process with a pseudo-terminal can't be DEVNULL" }
            require(
                stderr == StreamType.PIPE || stderr == StreamType.MERGED,
            ) { "a pseudo-terminal has one output: stderr can't be $stderr" }
        }
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
        public var inheritEnv: Boolean = true

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

        /** @see ProcessOptions.workDir */
        public fun workDir(folder: Path?): Builder = apply { workDir = folder }

        /** @see ProcessOptions.env */
        public fun env(variables: Map<String, String?>): Builder = apply { env = variables }

        /** @see ProcessOptions.inheritEnv */
        public fun inheritEnv(on: Boolean): Builder = apply { inheritEnv = on }

        /** @see ProcessOptions.stdout */
        public fun stdout(type: StreamType): Builder = apply { stdout = type }

        /** @see ProcessOptions.stderr */
        public fun stderr(type: StreamType): Builder = apply { stderr = type }

        /** @see ProcessOptions.limit */
        public fun limit(bytes: Int): Builder = apply { limit = bytes }

        /** @see ProcessOptions.writeLimit */
        public fun writeLimit(bytes: Int): Builder = apply { writeLimit = bytes }

        /** @see ProcessOptions.timeout */
        public fun timeout(time: JavaDuration?): Builder = apply { timeout = time?.toKotlinDuration() }

        /** @see ProcessOptions.pty */
        public fun pty(size: PtySize?): Builder = apply { pty = size }

        /** @throws IllegalArgumentException an option has a value that makes no sense */
        public fun build(): ProcessOptions = ProcessOptions(this)
    }

    public companion object {
        /** What holds where nothing else is said. */
        @JvmField
        public val Default: ProcessOptions = ProcessOptions {}

        /** @throws IllegalArgumentException an option has a value that makes no sense */
        @JvmSynthetic
        public operator fun invoke(configure: Builder.() -> Unit): ProcessOptions = Builder().apply(configure).build()

        @JvmStatic
        public fun builder(): Builder = Builder()
    }
}
