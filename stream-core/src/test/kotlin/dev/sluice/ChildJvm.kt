package dev.sluice

import java.lang.management.ManagementFactory

/** The command that runs [program], an object with a main function, in a JVM of its own. What it covers counts, as of the tests themselves. */
internal fun jvm(
    program: String,
    vararg arguments: String,
): List<String> = listOf("${System.getProperty("java.home")}/bin/java") + coverage + listOf("-cp", classPath, program) + arguments

private val classPath: String = System.getProperty("java.class.path")

private val coverage: List<String> =
    ManagementFactory.getRuntimeMXBean().inputArguments.filter { it.startsWith("-javaagent") && "jacoco" in it }
