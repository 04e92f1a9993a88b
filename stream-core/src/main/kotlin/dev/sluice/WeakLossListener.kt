package dev.sluice

import dev.sluice.transport.LossListener
import java.io.IOException
import java.lang.ref.WeakReference

/** An event loop knows its connections as long as they are open; a stream that everybody else has forgotten is to be found by [LeakWatch]. */
internal class WeakLossListener(
    listener: LossListener,
) : WeakReference<LossListener>(listener),
    LossListener {
    override fun lost(cause: IOException) {
        get()?.lost(cause)
    }
}
