package dev.sluice.testing

import dev.sluice.Connection

/**
 * A connection whose peer follows a script: it compares what comes with what it expects, byte for byte, and answers.
 *
 * ```kotlin
 * val connection = scriptedConnection {
 *     expect("EHLO x\r\n")
 *     reply("250 ok\r\n")
 *     fail(ConnectionResetException("the network is gone"))
 * }
 * SmtpClient(connection).greet()
 * connection.close()
 * connection.awaitClosed()
 * ```
 * Bytes that the script does not expect make the write that sends them throw an [AssertionError]. One who closes the connection before the
 * script is at its end meets one in `awaitClosed()`. The other form of this function always tells, and should be preferred.
 */
public fun scriptedConnection(script: Script.() -> Unit): Connection =
    Connection(ScriptedTransport(Script().apply(script).steps, isCheckedOnClose = true))

/**
 * Runs [test] with a connection whose peer follows [script], and closes it.
 *
 * @throws AssertionError something else was sent than the script expects, or the script is not at its end, or not all it has sent was read
 */
public suspend fun <R> scriptedConnection(
    script: Script.() -> Unit,
    test: suspend (Connection) -> R,
): R {
    val transport = ScriptedTransport(Script().apply(script).steps, isCheckedOnClose = false)
    val connection = Connection(transport)
    try {
        val result = test(connection)
        val unread = connection.reader.run { if (buffered > 0) read(buffered) else ByteArray(0) }
        connection.abort()
        transport.checkFinished(unread)
        return result
    } finally {
        connection.abort()
    }
}
