package dev.sluice

import java.nio.ByteBuffer
import java.nio.ByteOrder

/**
 * Messages of bytes, each behind its length.
 *
 * @param width how many bytes the length has: 1, 2, 4 or 8
 * @param maxLength how many bytes a message may have; a MiB, or what fits into the width, unless it is given
 * @param order which byte of the length comes first; the highest, unless it is given
 */
public class LengthPrefixed
    @JvmOverloads
    constructor(
        private val width: Int = Int.SIZE_BYTES,
        private val maxLength: Int = minOf(DEFAULT_MAX_LENGTH, largest(width)).toInt(),
        private val order: ByteOrder = ByteOrder.BIG_ENDIAN,
    ) : Codec<ByteArray> {
        init {
            require(maxLength in 0..largest(width)) {
                "the maximum of a message behind $width bytes is from 0 to ${largest(width)}, not $maxLength"
            }
        }

        override fun encode(
            message: ByteArray,
            writer: StreamWriter,
        ) {
            if (message.size > maxLength) throw MessageTooLongException(message.size.toLong(), maxLength.toLong())
            // One write, and so one packet.
            val framed = ByteBuffer.allocate(width + message.size).order(order)
            framed.putLength(message.size)
            framed.put(message)
            writer.write(framed.array())
        }

        override suspend fun decode(reader: StreamReader): ByteArray? {
            if (reader.meetsEnd()) return null
            return reader.readExactly(lengthAt(reader.readExactly(width), 0))
        }

        /** A message that [buffer] has as a whole, or null. */
        internal fun takeFrom(buffer: ReadBuffer): ByteArray? {
            if (buffer.size < width) return null
            val length = buffer.peek(width) { array, offset, _ -> lengthAt(array, offset) }
            if (buffer.size - width < length) return null
            buffer.drop(width)
            return buffer.take(length)
        }

        private fun lengthAt(
            array: ByteArray,
            offset: Int,
        ): Int {
            var length = 0L
            for (i in 0 until width) {
                val at = if (order == ByteOrder.BIG_ENDIAN) i else width - 1 - i
                length = (length shl Byte.SIZE_BITS) or (array[offset + at].toLong() and 0xFF)
            }
            if (length !in 0..maxLength) throw MessageTooLongException(length, maxLength.toLong())
            return length.toInt()
        }

        private fun ByteBuffer.putLength(length: Int) {
            when (width) {
                Byte.SIZE_BYTES -> put(length.toByte())
                Short.SIZE_BYTES -> putShort(length.toShort())
                Int.SIZE_BYTES -> putInt(length)
                else -> putLong(length.toLong())
            }
        }

        override fun toString(): String = "LengthPrefixed($width bytes, $order, at most $maxLength)"

        private companion object {
            const val DEFAULT_MAX_LENGTH = 1L shl 20

            /** What a length of so many bytes can say, as far as arrays go. */
            fun largest(width: Int): Long =
                when (width) {
                    Byte.SIZE_BYTES -> 0xFF
                    Short.SIZE_BYTES -> 0xFFFF
                    Int.SIZE_BYTES, Long.SIZE_BYTES -> Int.MAX_VALUE.toLong() - Long.SIZE_BYTES - Long.SIZE_BYTES
                    else -> throw IllegalArgumentException("a length has 1, 2, 4 or 8 bytes, not $width")
                }
        }
    }
