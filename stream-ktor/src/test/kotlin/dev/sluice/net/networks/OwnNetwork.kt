package dev.sluice.net.networks

import dev.sluice.net.ChildJvm
import dev.sluice.net.isLinux
import dev.sluice.oracle.Python
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.core.test.TestScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.runInterruptible
import java.io.IOException
import java.util.concurrent.TimeUnit

/**
 * A network namespace of a child's own. It is made with the child, and with the child it goes, with all that is in it: there is
 * nothing to tidy up, and nothing outside is touched.
 */
internal object OwnNetwork {
    private val isRoot = System.getProperty("user.name") == "root"

    /** Who is not root is root in a namespace of users, too, where the system allows that. */
    private val unshare = if (isRoot) "unshare -n" else "unshare -r -n"

    /** What keeps a [Cable] from being laid here; null if nothing does. */
    val noCable: String? by lazy {
        when {
            !isLinux -> "network namespaces are Linux's"
            python == null -> "no CPython 3.${Python.OLDEST_MINOR} or later was found"
            else -> why("ip link set lo up && ip tuntap add dev cable0 mode tun")
        }
    }

    /** What keeps the loopback device from being one that loses, delays and exchanges packets; null if nothing does. */
    val noNetem: String? by lazy {
        if (isLinux) why("ip link set lo up && tc qdisc add dev lo root $NETEM") else "network namespaces are Linux's"
    }

    val python: Python? by lazy { Python.find() }

    /** What [scenario] of [Scenarios] says in a network of its own. */
    suspend fun play(scenario: String): Map<String, String> =
        runInterruptible(Dispatchers.IO) {
            val start = "set -- $unshare -- $WITH_LOOPBACK"
            // To find it once more would take longer than the rest.
            val known = listOfNotNull(python).associate { "SLUICE_PYTHON" to it.command }
            ChildJvm("dev.sluice.net.networks.ScenariosKt", limits = start, arguments = listOf(scenario), environment = known)
                .lines()
                .associate { it.substringBefore(": ") to it.substringAfter(": ") }
        }

    private fun why(commands: String): String? =
        try {
            val shell = ProcessBuilder(unshare.split(' ') + listOf("sh", "-c", commands)).redirectErrorStream(true).start()
            shell.outputStream.close()
            val said = shell.inputStream.bufferedReader().readText()
            check(shell.waitFor(30, TimeUnit.SECONDS)) { "the shell does not end" }
            if (shell.exitValue() == 0) null else "no network of its own can be made here: ${said.trim().replace("\n", " ")}"
        } catch (e: IOException) {
            "no network of its own can be made here: ${e.message}"
        }
}

/** A JVM that finds no address of IPv6 at its start, not even of the loopback, does without it to its end. */
private const val WITH_LOOPBACK = "sh -c 'ip link set lo up && exec \"$@\"' sh \"$@\""

/** Both directions pass it. */
internal const val NETEM: String = "netem limit 10000 delay 8ms 7ms loss 2% duplicate 1% reorder 20%"

/** A test that needs what [obstacle] keeps it from; it is skipped, and says why, where there is one. */
internal fun FunSpec.testUnless(
    obstacle: String?,
    name: String,
    test: suspend TestScope.() -> Unit,
) {
    if (obstacle != null) println("NOT tested: $name, because $obstacle")
    test(name).config(enabledOrReasonIf = { if (obstacle == null) Enabled.enabled else Enabled.disabled(obstacle) }, test = test)
}
