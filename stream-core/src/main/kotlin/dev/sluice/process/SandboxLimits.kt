package dev.sluice.process

import kotlin.time.Duration
import kotlin.time.toKotlinDuration
import java.time.Duration as JavaDuration

/**
 * What the commands of a sandbox may use; `null` is without a bound. A launcher that can't enforce a limit refuses it.
 *
 * ```kotlin
 * SandboxLimits { cpuTime = 10.seconds; openFiles = 256 }
 * ```
 */
public class SandboxLimits private constructor(
    builder: Builder,
) {
    /** Time on a processor, in whole seconds, for each process: one that used it up is killed. */
    @get:JvmSynthetic
    public val cpuTime: Duration? = builder.cpuTime

    /** Bytes of memory: for each process its address space, of which some runtimes reserve more than they use; in containers what all of them use. */
    public val memory: Long? = builder.memory

    /** Files and streams that a process may have open at once. */
    public val openFiles: Int? = builder.openFiles

    /** Processes and threads that there may be at once. */
    public val processes: Int? = builder.processes

    init {
        require(cpuTime?.isPositive() ?: true) { "cpuTime must be positive, not $cpuTime" }
        require(memory == null || memory > 0) { "memory must be positive, not $memory" }
        require(openFiles == null || openFiles > 0) { "openFiles must be positive, not $openFiles" }
        require(processes == null || processes > 0) { "processes must be positive, not $processes" }
    }

    internal fun withoutProcesses(): SandboxLimits = copy { it.processes = null }

    internal fun onlyProcesses(): SandboxLimits = SandboxLimits(Builder().also { it.processes = processes })

    /** Those that the system itself holds each process to, wherever that is. */
    internal fun perProcess(): SandboxLimits =
        copy {
            it.memory = null
            it.processes = null
        }

    private inline fun copy(change: (Builder) -> Unit): SandboxLimits {
        val builder = Builder()
        builder.cpuTime = cpuTime
        builder.memory = memory
        builder.openFiles = openFiles
        builder.processes = processes
        change(builder)
        return SandboxLimits(builder)
    }

    internal val isEmpty: Boolean get() = cpuTime == null && memory == null && openFiles == null && processes == null

    /** Collects limits: by assignment in Kotlin, by call in Java. */
    public class Builder internal constructor() {
        @get:JvmSynthetic
        @set:JvmSynthetic
        public var cpuTime: Duration? = null

        @get:JvmSynthetic
        @set:JvmSynthetic
        public var memory: Long? = null

        @get:JvmSynthetic
        @set:JvmSynthetic
        public var openFiles: Int? = null

        @get:JvmSynthetic
        @set:JvmSynthetic
        public var processes: Int? = null

        /** @see SandboxLimits.cpuTime */
        public fun cpuTime(time: JavaDuration): Builder = apply { cpuTime = time.toKotlinDuration() }

        /** @see SandboxLimits.memory */
        public fun memory(bytes: Long): Builder = apply { memory = bytes }

        /** @see SandboxLimits.openFiles */
        public fun openFiles(count: Int): Builder = apply { openFiles = count }

        /** @see SandboxLimits.processes */
        public fun processes(count: Int): Builder = apply { processes = count }

        /** @throws IllegalArgumentException a limit is not positive */
        public fun build(): SandboxLimits = SandboxLimits(this)
    }

    public companion object {
        /** Without any. */
        @JvmField
        public val None: SandboxLimits = SandboxLimits {}

        /** @throws IllegalArgumentException a limit is not positive */
        @JvmSynthetic
        public operator fun invoke(configure: Builder.() -> Unit): SandboxLimits = Builder().apply(configure).build()

        @JvmStatic
        public fun builder(): Builder = Builder()
    }
}
