package dev.sluice.samples

import dev.sluice.process.ProcessOptions
import dev.sluice.process.PtySize
import dev.sluice.process.startProcess
import kotlinx.coroutines.runBlocking
import kotlin.system.exitProcess

/** Runs a program that thinks it sits at this terminal: keys, screen, size of the window and Ctrl-C go through. */
fun main(arguments: Array<String>): Unit =
    runBlocking {
        val options = ProcessOptions { pty = PtySize(columns = 80, rows = 24) }
        val code = startProcess(*arguments, options = options).use { it.attach() }
        exitProcess(code)
    }
