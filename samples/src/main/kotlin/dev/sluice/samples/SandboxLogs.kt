package dev.sluice.samples

import dev.sluice.ProcessTimeoutException
import dev.sluice.process.Launcher
import dev.sluice.process.Sandbox
import dev.sluice.process.SandboxLimits
import dev.sluice.process.SandboxOptions
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

/** Runs a command in a sandbox, and prints what it writes line by line, as it comes. */
fun main(arguments: Array<String>): Unit =
    runBlocking {
        val options =
            SandboxOptions {
                // A folder and an environment of its own. Where bubblewrap is installed, Launcher.bubblewrap() also keeps files,
                // network and processes away from the command.
                launcher = Launcher.local()
                limits = SandboxLimits { cpuTime = 10.seconds }
                timeout = 1.minutes
            }
        Sandbox.create(*arguments, options = options).use { sandbox ->
            // Both at once: a command that fills one pipe while the other one is read would wait for ever.
            coroutineScope {
                launch { sandbox.stdout.lines().collect { println("out: $it") } }
                launch { sandbox.stderr.lines().collect { println("err: $it") } }
            }
            try {
                println("ended with ${sandbox.awaitExit()}")
            } catch (e: ProcessTimeoutException) {
                println("was ended after ${e.timeout}")
            }
        }
    }
