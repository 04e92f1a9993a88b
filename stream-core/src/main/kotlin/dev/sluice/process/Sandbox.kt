@file:NotOnAndroid

package dev.sluice.process

import dev.sluice.NotOnAndroid
import dev.sluice.ProcessTimeoutException
import dev.sluice.StreamClosedException
import dev.sluice.StreamReader
import dev.sluice.StreamWriter
import dev.sluice.forCaller
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import java.io.IOException
import java.nio.file.Path
import java.util.concurrent.Executor
import kotlin.time.Duration

/**
 * A place for commands: a folder of its own, an environment, limits, and a [Launcher] that says how far they are kept apart from everything
 * else. It has a main command, or none.
 *
 * ```kotlin
 * Sandbox.create("sleep", "infinity", options = SandboxOptions { launcher = Launcher.bubblewrap() }).use { sandbox ->
 *     val python = sandbox.exec("python3", "-c", "print(6 * 7)")
 *     check(python.communicate().stdout.decodeToString() == "42\n")
 * }
 * ```
 * **The end** comes with that of the main command, by [terminate], [close], or the timeout: everything that runs in it is then ended. [close]
 * also removes the folder. A sandbox that nobody refers to goes on until one of these, and at the latest ends with this program.
 */
@NotOnAndroid
public class Sandbox private constructor(
    private val cell: Cell,
    private val env: Map<String, String>,
    private val main: StreamProcess?,
    private val launcher: Launcher,
    timeout: Duration?,
) : AutoCloseable {
    /** What the main command reads. */
    public val stdin: StreamWriter = main?.stdin ?: StreamWriter(NoInput)

    /** What the main command writes; at its end where there is none. */
    public val stdout: StreamReader = main?.stdout ?: StreamReader(EmptyOutput)

    /** What the main command has to complain of; at its end where there is none. */
    public val stderr: StreamReader = main?.stderr ?: StreamReader(EmptyOutput)

    /** Its folder, as its commands see it. */
    public val workDir: Path get() = cell.workDir

    private val others = LinkedHashSet<StreamProcess>()
    private val end = CompletableDeferred<Unit>()
    private var whyEnded: String? = null

    @Volatile
    private var overran: Duration? = null
    private val timer: Job?

    init {
        EndsWithProgram.add(this)
        main?.whenEnded { endAll("its main command has ended with ${main.returnCode}", launcher.threads) }
        cell.whenLost(::lost)
        timer = timeout?.takeIf { main == null }?.let { CoroutineScope(ProcessThreads.blocking).launch { endAfter(it) } }
    }

    /**
     * What the main command ended with; 137 for a sandbox without one.
     *
     * @throws IllegalStateException it has not ended
     */
    public val returnCode: Int
        get() = poll() ?: error("$this has not ended: poll() tells whether it has, and awaitExit() waits until it does")

    /** The [returnCode] if it has ended, `null` if not. */
    public fun poll(): Int? = if (main != null) main.poll() else Signals.CODE_OF_KILL.takeIf { end.isCompleted }

    /**
     * Waits until its main command has ended, or until it is ended where there is none, and returns the [returnCode]. Any number of callers
     * may wait.
     *
     * @throws ProcessTimeoutException it lasted longer than its timeout
     * @throws IOException the place where it was has gone
     */
    public suspend fun awaitExit(): Int {
        if (main != null) return main.awaitExit()
        try {
            end.await()
        } catch (e: IOException) {
            throw e.forCaller()
        }
        overran?.let {
            throw ProcessTimeoutException(
                it,
                ByteArray(0),
                ByteArray(0),
                "$this lasted longer than its timeout of $it and was ended",
            )
        }
        return Signals.CODE_OF_KILL
    }

    /**
     * Starts another command in it, with its folder, environment, limits and launcher. A relative folder in [options] is taken from the
     * sandbox's.
     *
     * @throws StreamClosedException the sandbox has ended
     * @throws java.io.IOException as [startProcess]
     */
    public suspend fun exec(
        vararg command: String,
        options: ProcessOptions = ProcessOptions.Default,
    ): StreamProcess = exec(command.asList(), options)

    /** @see exec */
    public suspend fun exec(
        command: List<String>,
        options: ProcessOptions = ProcessOptions.Default,
    ): StreamProcess {
        val given = command.toList()
        checkCommand(given)
        refuseIfEnded()
        val inherited = if (options.inheritEnv) env else emptyMap()
        val dir = options.workDir?.let(workDir::resolve) ?: workDir
        val process =
            onStarter(launcher.threads) { cell.start(Invocation(given, inherited.changedBy(options.env), dir), options) }
        val isLate = synchronized(others) { (whyEnded != null).also { if (!it) others += process } }
        if (isLate) {
            process.close()
            refuseIfEnded()
        }
        process.whenEnded { synchronized(others) { others -= process } }
        return process
    }

    private fun refuseIfEnded() {
        synchronized(others) { whyEnded }?.let { throw StreamClosedException("$this has ended: $it") }
    }

    /** Ends everything that runs in it, without waiting for that. If it has ended, this does nothing. */
    public fun terminate(): Unit = endAll("it was terminated")

    private suspend fun endAfter(timeout: Duration) {
        delay(timeout)
        if (end.isCompleted) return
        overran = timeout
        endAll("its timeout of $timeout has passed")
    }

    /** What ran in it ends by itself, and says so. */
    private fun lost(why: IOException) {
        synchronized(others) {
            if (whyEnded != null) return
            whyEnded = why.message
        }
        timer?.cancel()
        end.completeExceptionally(why)
    }

    /** @param on whose thread may take the time that it takes to end the others */
    private fun endAll(
        why: String,
        on: Executor = Executor(Runnable::run),
    ) {
        val running =
            synchronized(others) {
                if (whyEnded != null) return
                whyEnded = why
                listOfNotNull(main) + others
            }
        timer?.cancel()
        cell.end()
        on.execute {
            running.forEach { it.close() }
            end.complete(Unit)
        }
    }

    /** Ends everything that runs in it, and removes its folder. Calling it again does nothing. */
    override fun close() {
        endAll("it was closed")
        EndsWithProgram.remove(this)
        cell.close()
    }

    override fun toString(): String = "Sandbox($workDir)"

    public companion object {
        /**
         * Makes a sandbox and starts its main command in it; without a command it has none, and is there for [exec] until it is ended.
         *
         * @throws java.io.IOException the launcher can't make it, or as [startProcess]
         * @throws UnsupportedOperationException the launcher can't enforce a limit, or what it needs is not installed
         * @throws IllegalArgumentException a part of the command can't be passed on
         */
        public suspend fun create(
            vararg command: String,
            options: SandboxOptions = SandboxOptions.Default,
        ): Sandbox = create(command.asList(), options)

        /** @see create */
        public suspend fun create(
            command: List<String>,
            options: SandboxOptions = SandboxOptions.Default,
        ): Sandbox {
            val given = command.toList()
            if (given.isNotEmpty()) checkCommand(given)
            return onStarter(options.launcher.threads) { open(given, options) }
        }

        private fun open(
            command: List<String>,
            options: SandboxOptions,
        ): Sandbox {
            val cell = options.launcher.open(options.limits)
            try {
                val env = environment(cell, options)
                val dir = options.workDir?.let(cell.workDir::resolve)
                val main = if (command.isEmpty()) null else cell.start(Invocation(command, env, dir), options.main)
                return Sandbox(cell, env, main, options.launcher, options.timeout)
            } catch (e: Throwable) {
                cell.close()
                throw e
            }
        }

        private fun environment(
            cell: Cell,
            options: SandboxOptions,
        ): Map<String, String> {
            val clean = mapOf("PATH" to PATH, "HOME" to "${cell.workDir}", "LANG" to "C.UTF-8")
            return (if (options.inheritEnv) cell.inheritedEnv else clean).changedBy(options.env)
        }

        private const val PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    }
}
