package dev.sluice

import org.jetbrains.lincheck.datastructures.ModelCheckingOptions

/**
 * Lincheck loads a class anew when a scenario first meets it, which takes seconds on a busy machine, and takes an invocation of
 * thirty seconds for one that hangs. It keeps the setting for that to itself.
 */
internal fun ModelCheckingOptions.patient(): ModelCheckingOptions =
    apply { javaClass.getMethod("invocationTimeout\$lincheck", Long::class.javaPrimitiveType).invoke(this, 120_000L) }
