package dev.sluice.net

import kotlin.time.Duration

internal fun checkPositive(
    name: String,
    value: Int?,
): Unit = require(value == null || value > 0) { "$name must be positive, not $value" }

internal fun checkPositive(
    name: String,
    value: Duration,
): Unit = require(value.isPositive()) { "$name must be positive, not $value" }
