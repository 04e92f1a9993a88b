package dev.sluice.testing

import dev.sluice.testing.conformance.Trial
import dev.sluice.testing.conformance.blockingRules
import dev.sluice.testing.conformance.cancelRules
import dev.sluice.testing.conformance.clogRules
import dev.sluice.testing.conformance.closeRules
import dev.sluice.testing.conformance.endRules
import dev.sluice.testing.conformance.halfCloseRules
import dev.sluice.testing.conformance.outputEndRules
import dev.sluice.testing.conformance.peerRules
import dev.sluice.testing.conformance.raceRules
import dev.sluice.testing.conformance.transferRules
import dev.sluice.testing.conformance.twoWayRules
import dev.sluice.testing.conformance.waitRules
import dev.sluice.transport.Transport
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/**
 * Checks that a transport keeps the contract of [dev.sluice.transport.ByteSink] and, at its other end, of
 * [dev.sluice.transport.ByteSource]: bytes in one direction, waits and their cancellation, every way to end.
 *
 * ```kotlin
 * @Test
 * fun `our transport keeps the contract`() = runBlocking {
 *     checkOneWayStream { ourPipe() }
 * }
 * ```
 * The first transport of a pair only writes, the second only reads, so each may have one half that does nothing. For
 * transports with both halves there are [checkTwoWayStream] and [checkHalfCloseableStream], which check this as well.
 *
 * Every rule is checked on a pair of its own, which is aborted and closed afterwards whatever happened. Checks run in the
 * caller's dispatcher and don't sleep; in `runTest` the delays of a transport cost nothing.
 *
 * @param makeClogged makes a pair whose sender takes nothing until its receiver reads; without it the checks write until
 *   nothing more is taken, and skip a transport that goes on taking
 * @param timeLimit how long, by a real clock, nothing may happen before that counts as a hang; a rule that goes on for ten times
 *   as long has failed, too
 * @param make makes a new connected pair
 * @throws AssertionError a rule is broken; the message says which, what was expected and what was seen
 */
public suspend fun checkOneWayStream(
    makeClogged: (suspend () -> Pair<Transport, Transport>)? = null,
    timeLimit: Duration = DEFAULT_TIME_LIMIT,
    make: suspend () -> Pair<Transport, Transport>,
): Unit = Trial(make, makeClogged, timeLimit).checkOneWay()

/**
 * Checks that a transport keeps the contract of [dev.sluice.transport.Transport]: all that [checkOneWayStream] checks in
 * either direction, and what the two have to do with each other.
 *
 * ```kotlin
 * checkTwoWayStream { ourConnectedPair() }
 * ```
 * The parameters are those of [checkOneWayStream]; `makeClogged` makes pairs that are clogged in both directions.
 *
 * @throws AssertionError a rule is broken; the message says which, what was expected and what was seen
 */
public suspend fun checkTwoWayStream(
    makeClogged: (suspend () -> Pair<Transport, Transport>)? = null,
    timeLimit: Duration = DEFAULT_TIME_LIMIT,
    make: suspend () -> Pair<Transport, Transport>,
): Unit = Trial(make, makeClogged, timeLimit).checkTwoWay()

/**
 * Checks a transport whose `canWriteEof` is true: all that [checkTwoWayStream] checks, and that a direction can end while
 * the other goes on.
 *
 * ```kotlin
 * checkHalfCloseableStream { memoryTransportPair() }
 * ```
 * The parameters are those of [checkTwoWayStream].
 *
 * @throws AssertionError a rule is broken; the message says which, what was expected and what was seen
 */
public suspend fun checkHalfCloseableStream(
    makeClogged: (suspend () -> Pair<Transport, Transport>)? = null,
    timeLimit: Duration = DEFAULT_TIME_LIMIT,
    make: suspend () -> Pair<Transport, Transport>,
) {
    val trial = Trial(make, makeClogged, timeLimit)
    trial.checkTwoWay()
    for (way in listOf(trial, trial.flipped())) way.halfCloseRules()
}

private val DEFAULT_TIME_LIMIT = 30.seconds

private suspend fun Trial.checkTwoWay() {
    for (way in listOf(this, flipped())) {
        way.checkOneWay()
        way.twoWayRules()
    }
}

private suspend fun Trial.checkOneWay() {
    blockingRules()
    waitRules()
    transferRules()
    endRules()
    cancelRules()
    closeRules()
    peerRules()
    outputEndRules()
    clogRules()
    raceRules()
}
