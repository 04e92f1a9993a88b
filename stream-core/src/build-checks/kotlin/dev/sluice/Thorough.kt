package dev.sluice

/** With `-Dtests.thorough=true` tests that try many similar cases try all of them, and not a part. */
internal val isThorough: Boolean = System.getProperty("tests.thorough").toBoolean()

/** These cases, and when [isThorough] the [others], too. */
internal fun <T> Collection<T>.andThoroughly(vararg others: T): List<T> = if (isThorough) this + others else toList()
