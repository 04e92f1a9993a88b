package dev.sluice.net

/**
 * What an [IdleWheel] watches: two words, in the object that is watched anyway. Times are in the wheel's ticks. All but [lastActive] is the
 * wheel's, and touched on its thread only.
 */
internal abstract class IdleEntry {
    /** When a byte went either way. Whoever moves one writes it; of two that do so at once either is right. */
    var lastActive: Int = 0

    /** 0 is none. */
    var idleTicks: Int = 0

    var previous: IdleEntry? = null
    var next: IdleEntry? = null

    /** On the wheel's thread, when nothing has happened for so long. It is out of the wheel then. */
    abstract fun idled()
}
