package dev.sluice.net

import java.io.ByteArrayOutputStream
import java.nio.ByteBuffer
import java.nio.channels.SocketChannel

internal fun SocketChannel.send(bytes: ByteArray) {
    val buffer = ByteBuffer.wrap(bytes)
    while (buffer.hasRemaining()) write(buffer)
}

/** Everything until the end. */
internal fun SocketChannel.receiveAll(): ByteArray {
    val received = ByteArrayOutputStream()
    val buffer = ByteBuffer.allocate(64 * 1024)
    while (read(buffer.clear()) >= 0) received.write(buffer.array(), 0, buffer.position())
    return received.toByteArray()
}

internal fun SocketChannel.receive(count: Int): ByteArray {
    val buffer = ByteBuffer.allocate(count)
    while (buffer.hasRemaining()) if (read(buffer) < 0) break
    return buffer.array().copyOf(buffer.position())
}
