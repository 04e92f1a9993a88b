package dev.sluice

import dev.sluice.testing.memoryTransportPair
import kotlinx.coroutines.flow.first
import java.nio.ByteBuffer

/** Something that reads, for tests that hold for all of it. */
internal class ReadOperation(
    private val name: String,
    private val operation: suspend (StreamReader) -> Any?,
) {
    suspend operator fun invoke(reader: StreamReader): Any? = operation(reader)

    override fun toString(): String = name
}

/** Those that are content with any byte. */
internal val promptReads: List<ReadOperation> =
    listOf(
        ReadOperation("read(n)") { it.read(5) },
        ReadOperation("read(into)") { it.read(ByteBuffer.allocate(5)) },
        ReadOperation("chunks") { it.chunks().first() },
    )

/** Those that wait on with "ab" and leave it in the reader until they have more. */
internal val patientReads: List<ReadOperation> =
    listOf(
        ReadOperation("read()") { it.read() },
        ReadOperation("readExactly") { it.readExactly(5) },
        ReadOperation("readUntil") { it.readUntil(",") },
        ReadOperation("readUntil of two") { it.readUntil("bc", "d,") },
        ReadOperation("readLineBytes") { it.readLineBytes() },
        ReadOperation("readLine") { it.readLine() },
        ReadOperation("for") { reader ->
            for (line in reader) break
        },
        ReadOperation("lines") { it.lines().first() },
        ReadOperation("text by line") { it.text(byLine = true).iterator().hasNext() },
    )

/** Those that take bytes away while they go on. */
internal val takingReads: List<ReadOperation> =
    listOf(
        ReadOperation("skip") { it.skip(5) },
        ReadOperation("skipUntil") { it.skipUntil(",") },
        ReadOperation("copyTo") { it.copyTo(StreamWriter(memoryTransportPair().first)) },
        ReadOperation("text().read") { it.text().read() },
        ReadOperation("text in pieces") { it.text().asFlow().first() },
    )

internal val everyRead: List<ReadOperation> = promptReads + patientReads + takingReads
