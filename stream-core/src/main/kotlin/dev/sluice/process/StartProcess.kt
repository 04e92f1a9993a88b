@file:NotOnAndroid
@file:JvmName("Processes")

package dev.sluice.process

import dev.sluice.NotOnAndroid
import dev.sluice.process.pipes.PipeWay
import java.nio.file.FileSystemException

/**
 * Starts a process of this machine: the program, found on the child's `PATH` unless it has a slash, and its arguments, which go to it as they
 * are and through no shell.
 *
 * ```kotlin
 * val listing = startProcess("ls", "-l").use { it.communicate() }
 * println(listing.stdout.decodeToString())
 * ```
 * **Cancel safety**: a process that was started for a caller who is gone is ended.
 *
 * @throws java.nio.file.NoSuchFileException there is no such program, or no such folder to run it in
 * @throws java.nio.file.AccessDeniedException the program is none, or may not be run
 * @throws FileSystemException the folder is none
 * @throws java.io.IOException the system can't run it, for instance because the arguments are too long
 * @throws IllegalArgumentException there is no command, or a part of it can't be passed on
 */
public suspend fun startProcess(
    vararg command: String,
    options: ProcessOptions = ProcessOptions.Default,
): StreamProcess = startProcess(command.asList(), options)

/** @see startProcess */
public suspend fun startProcess(
    command: List<String>,
    options: ProcessOptions = ProcessOptions.Default,
): StreamProcess = startProcess(command, options, PipeWay.best)

internal suspend fun startProcess(
    command: List<String>,
    options: ProcessOptions,
    way: PipeWay,
): StreamProcess {
    val given = command.toList()
    checkCommand(given)
    val inherited = if (options.inheritEnv) System.getenv() else emptyMap()
    val invocation = Invocation(given, inherited.changedBy(options.env), options.workDir)
    return onStarter { LocalStart(way).start(invocation, options) }
}
