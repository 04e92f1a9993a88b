@file:NotOnAndroid

package dev.sluice.process

import dev.sluice.Connection
import dev.sluice.FixedInfo
import dev.sluice.InfoKey
import dev.sluice.NotOnAndroid
import dev.sluice.ProcessTimeoutException
import dev.sluice.StreamInfo
import dev.sluice.StreamReader
import dev.sluice.StreamWriter
import dev.sluice.transport.ByteSource
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlin.time.Duration

/**
 * A child process and its streams; made by [startProcess].
 *
 * ```kotlin
 * startProcess("sort").use { sort ->
 *     sort.stdin.write("b\na\n")
 *     sort.stdin.writeEof()
 *     sort.stdout.lines().collect(::println)
 *     check(sort.awaitExit() == 0)
 * }
 * ```
 * **Output is pulled.** A pipe holds 64 KiB, and nothing else is read ahead: a process whose output nobody reads is held up by the system,
 * and [awaitExit] then waits for ever. [communicate] reads.
 *
 * **The end.** What was written before the process ended can be read after it, then comes the end of the stream. [close] ends what still
 * runs, with all that it has started. A process that nobody refers to goes on until it ends, and at the latest ends with this program.
 */
@NotOnAndroid
public class StreamProcess internal constructor(
    private val process: Process,
    private val name: String,
    private val streams: ChildStreams,
    private val carrier: Carrier,
    options: ProcessOptions,
    private val resizing: ((PtySize) -> Unit)? = null,
) : AutoCloseable {
    public val pid: Long = process.pid()

    /** What it reads. Nothing but [StreamWriter.writeEof] or `close()` ends it: [awaitExit] does not, [communicate] does. */
    public val stdin: StreamWriter = StreamWriter(InputSink(streams.stdin, info()), options.writeLimit)

    /** What it writes. */
    public val stdout: StreamReader = reader(streams.stdout, "stdout", options.stdout, STDOUT, options.limit)

    /** What it has to complain of. */
    public val stderr: StreamReader = reader(streams.stderr, "stderr", options.stderr, STDERR, options.limit)

    private val exit = ProcessExit(process, name)
    private val exitWatch = ExitWatch(process, ::ended)
    private val communication by lazy {
        Communication(
            stdin,
            stdout.takeIf { options.stdout == StreamType.PIPE },
            stderr.takeIf { options.stderr == StreamType.PIPE },
        )
    }
    private val copies =
        listOfNotNull(
            streams.stdout?.takeIf { options.stdout == StreamType.STDOUT },
            streams.stderr?.takeIf { options.stderr == StreamType.STDOUT },
        ).map { OutputCopy(it, System.out) }

    private val work by lazy { CoroutineScope(Job() + ProcessThreads.blocking) }
    private val timer: Job?

    @Volatile
    private var isEnding = false

    @Volatile
    private var hasEnded = false

    init {
        EndsWithProgram.add(this)
        copies.forEach { work.launch { it.run() } }
        timer = options.timeout?.let { work.launch { endAfter(it) } }
        exitWatch.begin()
    }

    /**
     * What it ended with: 128 and the signal's number if that was a signal.
     *
     * @throws IllegalStateException it has not ended
     */
    public val returnCode: Int
        get() = poll() ?: error("$name has not ended: poll() tells whether it has, and awaitExit() waits until it does")

    /** The [returnCode] if it has ended, `null` if not. */
    public fun poll(): Int? = exit.poll()

    /**
     * Waits until it has ended, and returns its [returnCode]. Other processes that it has started, and pipes that they keep open, are not
     * waited for. Any number of callers may wait.
     *
     * **Cancel safety**: the process goes on, and so do others who wait for it.
     *
     * @throws ProcessTimeoutException it ran longer than its timeout and was killed
     */
    public suspend fun awaitExit(): Int {
        exitWatch.hurry()
        return exit.await()
    }

    /** Asks it to end, by SIGTERM. If it has ended, this does nothing. */
    public fun terminate(): Unit = signal(Signals.TERMINATE)

    /** Ends it, by SIGKILL, and leaves alone what it has started. If it has ended, this does nothing. */
    public fun kill(): Unit = signal(Signals.KILL)

    /**
     * Sends it a signal by its number. If it has ended, this does nothing. Others than those of [terminate] and [kill] take some
     * milliseconds, because a program has to be run for them. On JDK 17 children ignore SIGQUIT (3).
     *
     * @throws IllegalArgumentException the number is not in 1..64
     * @throws java.io.IOException the signal could not be sent
     */
    public fun signal(number: Int) {
        Signals.check(number)
        carrier.signal(number)
    }

    /**
     * Writes [input] and ends the input, reads both outputs to their end, and waits for the process. However much that is, neither side
     * waits for the other. A process that does not read all of the input is not blamed for it. Others that keep an output open after the
     * end of this one are waited for.
     *
     * **Cancel safety**: the process goes on, and no byte is lost: the call can be repeated, without input or with the same.
     *
     * @throws ProcessTimeoutException it ran longer than its timeout and was killed; with what it had written until then
     * @throws IllegalStateException somebody else is reading its output, or it was given another input before
     */
    @JvmOverloads
    public suspend fun communicate(input: ByteArray? = null): ProcessResult {
        communication.run(input ?: NOTHING)
        exitWatch.hurry()
        val code = exit.awaitCode()
        val (written, complained) = communication.take()
        exit.timedOut?.let { throw exit.timeout(it, written, complained) }
        return ProcessResult(written, complained, code)
    }

    private val connection by lazy {
        val output = checkNotNull(streams.stdout) { "stdout of $name is no pipe, and can't be a connection" }
        Connection(ProcessTransport(stdout, output, stdin, streams.stdin, info(), this), options.limit, options.writeLimit)
    }

    /**
     * [stdout] and [stdin] as one connection, which has them from now on, and goes on with the byte that comes next: for frames, relays and
     * TLS over a child. Closing it ends the input of the process, which then ends by itself or not; aborting it is [close].
     *
     * @throws IllegalStateException stdout is no pipe, or somebody is reading from it
     */
    public fun asConnection(): Connection = connection

    /**
     * Tells it that the window of its pseudo-terminal has another size. If it has ended, this does nothing.
     *
     * @throws IllegalArgumentException one of the two is not in 1..65535
     * @throws UnsupportedOperationException it has no pseudo-terminal
     */
    public fun resize(
        columns: Int,
        rows: Int,
    ) {
        val size = PtySize(columns, rows)
        val resizing =
            resizing ?: throw UnsupportedOperationException("$name has no pseudo-terminal: ProcessOptions.pty gives it one")
        resizing(size)
    }

    /**
     * Puts a person at it: what is typed at [terminal] goes to the process as it is, Ctrl-C and all, what the process shows comes back, and a
     * pseudo-terminal has the size of the window. Returns its [returnCode] when it has ended and everything is shown.
     *
     * **Cancel safety**: the process goes on. The terminal is as it was before, however this ends.
     *
     * @throws UnsupportedOperationException there is no terminal, or JLine is not on the class path
     * @throws ProcessTimeoutException it ran longer than its timeout and was killed
     */
    @JvmOverloads
    public suspend fun attach(terminal: LocalTerminal = LocalTerminal.system()): Int = Attachment(this, terminal, resizing).run()

    /**
     * Ends the process with all that it has started, if it still runs: by SIGKILL. For one that is to tidy up first there is [terminate].
     * What it had written can still be read. Calling it again does nothing.
     */
    override fun close() {
        isEnding = true
        // First: the end of its input would let it end in its own way.
        if (process.isAlive) carrier.killAll()
        stdin.abort()
        if (hasEnded) streams.endNow()
    }

    private suspend fun endAfter(timeout: Duration) {
        delay(timeout)
        if (!process.isAlive) return
        exit.overruns(timeout)
        isEnding = true
        carrier.killAll()
    }

    private fun ended() {
        hasEnded = true
        timer?.cancel()
        EndsWithProgram.remove(this)
        if (isEnding) streams.endNow() else streams.childEnded()
        val mayBeLost = carrier.mayBeLost && !isEnding
        if (copies.isEmpty() && !mayBeLost) return exit.complete(loss = null)
        work.launch {
            copies.forEach { it.awaitCaughtUp() }
            exit.complete(if (mayBeLost) carrier.lossBehind(process.exitValue()) else null)
        }
    }

    /** Runs [action] when it has ended, at once if it has already; as the system tells it, and so as a short one. */
    internal fun whenEnded(action: () -> Unit) {
        process.onExit().whenComplete { _, _ -> action() }
    }

    private fun info(vararg more: Pair<InfoKey<*>, Any>): StreamInfo = FixedInfo(mapOf(InfoKey.Process to process, *more))

    private fun reader(
        pipe: ByteSource?,
        stream: String,
        type: StreamType,
        number: Int,
        limit: Int,
    ): StreamReader {
        val source =
            when (type) {
                StreamType.PIPE -> pipe ?: EmptyOutput
                StreamType.MERGED -> EmptyOutput
                else -> UnreadableOutput("the $stream of $name", type)
            }
        return StreamReader(OutputSource(source, info(InfoKey.FileDescriptor to number)), limit)
    }

    override fun toString(): String = name

    private companion object {
        const val STDOUT = 1
        const val STDERR = 2
        val NOTHING = ByteArray(0)
    }
}
