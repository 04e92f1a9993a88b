@file:NotOnAndroid

package dev.sluice.process

import dev.sluice.NotOnAndroid
import dev.sluice.READ_SIZE
import dev.sluice.bounds
import dev.sluice.process.pipes.ChildOutput
import kotlinx.coroutines.CompletableDeferred
import java.io.PrintStream
import java.nio.ByteBuffer

/** Copies an output of a child to [to], piece by piece as it comes. */
internal class OutputCopy(
    private val output: ChildOutput,
    private val to: PrintStream,
) {
    private val caughtUp = CompletableDeferred<Unit>()

    /** To the end of the output; for a coroutine that may block. */
    suspend fun run() {
        try {
            val bytes = ByteBuffer.allocate(READ_SIZE)
            while (true) {
                bytes.bounds(0, bytes.capacity())
                val count = output.tryRead(bytes)
                if (count < 0) return
                if (count > 0) {
                    to.write(bytes.array(), 0, count)
                    to.flush()
                    continue
                }
                if (output.isSettled()) caughtUp.complete(Unit)
                output.awaitReadable()
            }
        } finally {
            caughtUp.complete(Unit)
        }
    }

    /** After the child's end: when all that it wrote itself is copied. What a grandchild has still to write is not waited for. */
    suspend fun awaitCaughtUp(): Unit = caughtUp.await()
}
