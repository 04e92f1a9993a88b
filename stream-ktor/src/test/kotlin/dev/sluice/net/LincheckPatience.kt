package dev.sluice.net

import org.jetbrains.lincheck.datastructures.ModelCheckingOptions

/** A busy machine may take longer to load the classes of a scenario than Lincheck waits, whose setting for that is not public. */
internal fun ModelCheckingOptions.patient(): ModelCheckingOptions =
    apply { javaClass.getMethod("invocationTimeout\$lincheck", Long::class.javaPrimitiveType).invoke(this, 120_000L) }
