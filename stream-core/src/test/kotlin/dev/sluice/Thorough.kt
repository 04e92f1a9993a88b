package dev.sluice

/** With `-Dtests.thorough=true` tests that try many similar cases try all of them, and not a part. */
internal val isThorough: Boolean = System.getProperty("tests.thorough").toBoolean()
