@file:NotOnAndroid

package dev.sluice.process.remote

import dev.sluice.NotOnAndroid
import dev.sluice.process.Invocation
import dev.sluice.process.LimitedCommand
import dev.sluice.process.ProcessOptions
import dev.sluice.process.StreamType

/**
 * What runs a command in another place, where there is a POSIX shell: it goes to the folder, looks for the program, says in one line on the
 * standard output how that went, and becomes the command. So a failure to start is told from a failure of the command, and its number
 * is known.
 *
 * @param token makes the line one that nobody else says
 */
@NotOnAndroid
internal class RemoteScript(
    private val token: String,
    private val limits: LimitedCommand,
) {
    fun command(
        invocation: Invocation,
        dir: String,
        options: ProcessOptions,
    ): List<String> {
        val session = if (options.pty == null) OWN_SESSION else ""
        val size = options.pty?.let { "stty rows ${it.rows} cols ${it.columns} 2>/dev/null; " }.orEmpty()
        val path = invocation.env["PATH"] ?: DEFAULT_PATH
        val variables = invocation.env.map { (name, value) -> "$name=$value" }
        return listOf("/bin/sh", "-c", size + session + "/bin/sh -c \"\$0\" \"\$@\"; exit \$?", becoming(options)) +
            listOf(token, dir, path) + invocation.command.first() +
            limits.wrap(listOf("env", "-i") + variables + invocation.command)
    }

    /** In a session of its own a command can be ended with all that it has started. */
    private fun becoming(options: ProcessOptions): String {
        val out = if (options.stdout == StreamType.DEVNULL) "exec >/dev/null; " else ""
        val err =
            when (options.stderr) {
                StreamType.DEVNULL -> "exec 2>/dev/null; "
                StreamType.MERGED -> "exec 2>&1; "
                else -> ""
            }
        return "d=\$1 p=\$3; cd \"\$d\" 2>/dev/null || { " +
            "[ -e \"\$d\" ] && echo \"\$0 $NO_FOLDER\" || echo \"\$0 $MISSING_FOLDER\"; exit 0; }; " +
            "o=\$PATH; PATH=\$2; case \$p in " +
            "*/*) [ -e \"\$p\" ] || { echo \"\$0 $MISSING_PROGRAM\"; exit 0; }; " +
            "[ -x \"\$p\" ] && [ ! -d \"\$p\" ] || { echo \"\$0 $NO_PROGRAM\"; exit 0; };; " +
            "*) command -v \"\$p\" >/dev/null 2>&1 || { echo \"\$0 $MISSING_PROGRAM\"; exit 0; };; esac; " +
            "PATH=\$o; shift 3; echo \"\$0 \$\$\"; $out${err}exec \"\$@\""
    }

    companion object {
        const val MISSING_FOLDER = "missing-folder"
        const val NO_FOLDER = "no-folder"
        const val MISSING_PROGRAM = "missing-program"
        const val NO_PROGRAM = "no-program"
        private const val DEFAULT_PATH = "/bin:/usr/bin"
        private const val OWN_SESSION = "s=; command -v setsid >/dev/null 2>&1 && s=setsid; \$s "
    }
}
