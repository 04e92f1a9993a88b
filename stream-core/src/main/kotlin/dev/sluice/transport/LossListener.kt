package dev.sluice.transport

import java.io.IOException

/** Is told of the end of a connection that nobody asked for and nobody was waiting to learn. */
public fun interface LossListener {
    public fun lost(cause: IOException)
}
