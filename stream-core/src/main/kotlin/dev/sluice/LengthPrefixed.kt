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
            val length = ByteBuffer.wrap(reader.readExactly(width)).order(order).getLength()
            if (length !in 0..maxLength) throw MessageTooLongException(length, maxLength.toLong())
            return reader.readExactly(length.toInt())
        }

        private fun ByteBuffer.putLength(length: Int) {
            when (width) {
                Byte.SIZE_BYTES -> put(length.toByte())
                Short.SIZE_BYTES -> putShort(length.toShort())
                Int.SIZE_BYTES -> putInt(length)
                else -> putLong(length.toLong())
            }
        }

        private fun ByteBuffer.getLength(): Long =
            when (width) {
                Byte.SIZE_BYTES -> get().toLong() and 0xFF
                Short.SIZE_BYTES -> getShort().toLong() and 0xFFFF
                Int.SIZE_BYTES -> getInt().toLong() and 0xFFFF_FFFF
                else -> getLong()
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
