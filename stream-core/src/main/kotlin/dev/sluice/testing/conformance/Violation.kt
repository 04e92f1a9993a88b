package dev.sluice.testing.conformance

/** Says which rule a transport broke. */
internal fun violated(
    rule: String,
    expected: String,
    seen: String,
    cause: Throwable? = null,
): Nothing = throw AssertionError("the transport breaks the rule \"$rule\": expected $expected, saw $seen", cause)
