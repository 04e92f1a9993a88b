package dev.sluice.testing

import kotlin.time.Duration

/**
 * What goes wrong in a [FaultyTransport]; nothing does unless it is said here.
 *
 * Byte numbers count what has passed since the transport was made: at byte 100 means that 100 bytes pass and no more.
 * [resetAtByte] and [stallAtByte] count the bytes read and the bytes written together, so that a conversation can be cut at
 * each of its bytes in turn; their `Read` and `Written` variants count one direction.
 */
public class Faults internal constructor() {
    /** The connection is reset for both sides once so many bytes have passed, whichever way. */
    public var resetAtByte: Long? by ByteNumber()

    /** The connection is reset for both sides once so many bytes were read. */
    public var resetAtByteRead: Long? by ByteNumber()

    /** The connection is reset for both sides once so many bytes were written. */
    public var resetAtByteWritten: Long? by ByteNumber()

    /** Once so many bytes have passed, whichever way, no more does, and nobody is told. */
    public var stallAtByte: Long? by ByteNumber()

    /** Once so many bytes were read, there is nothing more to read; writing goes on. */
    public var stallAtByteRead: Long? by ByteNumber()

    /** Once so many bytes were written, no more are taken, and an end of the output isn't passed on; reading goes on. */
    public var stallAtByteWritten: Long? by ByteNumber()

    /** The read that brings the last bytes before a reset throws it, too: a source should hand out the bytes first, and not all do. */
    public var errorWithLastData: Boolean = false

    /** A read brings less than fits: at least one byte, at most 4 KiB, a few as likely as many. */
    public var shortReads: Boolean = false

    /** A write takes less than it was given: at least one byte, at most 4 KiB, a few as likely as many. */
    public var shortWrites: Boolean = false

    /** A read and a write move one byte. */
    public var oneByteChunks: Boolean = false

    /**
     * How long a wait takes before each piece that is read or written, and before the end or a failure that is read. A
     * cancelled wait begins it anew. It is waited for in the waiting coroutine, so in a `runTest` it takes virtual time.
     */
    public var delay: Duration = Duration.ZERO
        set(value) {
            require(!value.isNegative()) { "a delay can't be negative, as $value is" }
            field = value
        }

    /** Where what is random begins: the same seed and the same calls give the same pieces. */
    public var seed: Long = 0
}
