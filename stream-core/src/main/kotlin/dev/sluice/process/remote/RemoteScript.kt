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
        val session = "s=; " + if (options.pty == null) OWN_SESSION else ""
        val size = options.pty?.let { "stty rows ${it.rows} cols ${it.columns} 2>/dev/null; " }.orEmpty()
        val path = invocation.env["PATH"] ?: DEFAULT_PATH
        val variables = invocation.env.map { (name, value) -> "$name=$value" }
        // What this shell itself says, of signals, is nothing that the command has said.
        val running = "exec 3>&2 2>/dev/null; $session(exec \$s /bin/sh -c \"\$0\" \"\$@\" 2>&3 3>&-); exit \$?"
        return listOf(
            "/bin/sh",
            "-c",
            size + running,
            becoming(options),
        ) + listOf(token, dir, path) + invocation.command.first() +
            limits.wrap(listOf("env", "-i") + variables + behindEnv(invocation.command))
    }

    /** What looks like a variable or an option would be one for `env`. */
    private fun behindEnv(command: List<String>): List<String> {
        val program = command.first()
        val isClear = '=' !in program && !program.startsWith('-')
        return if (isClear) command else listOf("/bin/sh", "-c", "exec \"\$0\" \"\$@\"") + command
    }

    /** In a session of its own a command can be ended with all that it has started. On a terminal it has one already. */
    private fun becoming(options: ProcessOptions): String {
        val out = if (options.stdout == StreamType.DEVNULL) "exec >/dev/null; " else ""
        val err =
            when (options.stderr) {
                StreamType.DEVNULL -> "exec 2>/dev/null; "
                StreamType.MERGED -> "exec 2>&1; "
                else -> ""
            }
        val session =
            if (options.pty == null) {
                "command -v setsid >/dev/null 2>&1 && s=\$\$"
            } else {
                "s=\$({ read -r l </proc/\$\$/stat; } 2>/dev/null && set -- \${l##*) } && echo \"\$4\")"
            }
        return "d=\$1 p=\$3 s=; cd \"\$d\" 2>/dev/null || { " +
            "[ -e \"\$d\" ] && echo \"\$0 $NO_FOLDER\" || echo \"\$0 $MISSING_FOLDER\"; exit 0; }; $session; " +
            "o=\$PATH; PATH=\$2; case \$p in " +
            "*/*) [ -e \"\$p\" ] || { echo \"\$0 $MISSING_PROGRAM\"; exit 0; }; " +
            "[ -x \"\$p\" ] && [ ! -d \"\$p\" ] || { echo \"\$0 $NO_PROGRAM\"; exit 0; };; " +
            "*) command -v -- \"\$p\" >/dev/null 2>&1 || { echo \"\$0 $MISSING_PROGRAM\"; exit 0; };; esac; " +
            "PATH=\$o; shift 3; echo \"\$0 \$\$ \${s:--}\"; $out${err}exec \"\$@\""
    }

    companion object {
        const val MISSING_FOLDER = "missing-folder"
        const val NO_FOLDER = "no-folder"
        const val MISSING_PROGRAM = "missing-program"
        const val NO_PROGRAM = "no-program"
        private const val DEFAULT_PATH = "/bin:/usr/bin"
        private const val OWN_SESSION = "command -v setsid >/dev/null 2>&1 && s=setsid; "
    }
}
