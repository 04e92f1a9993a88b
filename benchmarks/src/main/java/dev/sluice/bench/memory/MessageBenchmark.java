package dev.sluice.bench.memory;

import dev.sluice.Connection;
import dev.sluice.Framed;
import dev.sluice.Framing;
import dev.sluice.LengthPrefixed;
import dev.sluice.StreamInfo;
import dev.sluice.transport.ByteSource;
import dev.sluice.transport.Transport;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import kotlin.Unit;
import kotlin.coroutines.Continuation;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** A message behind its length of four bytes, from a source that always has some: what a codec adds to reading it by hand, and what Netty's decoder takes. */
public class MessageBenchmark extends Measured {
    @Param({"32", "4096"})
    private int payload;

    private Framed<byte[]> sluice;
    private Netty netty;

    @Setup
    public void open() throws Exception {
        byte[] bytes = frames();
        sluice = Framing.framed(new Connection(new OneWay(Endless.source(bytes))), new LengthPrefixed());
        netty = new Netty(bytes);
        Agreement.mustAgree(this::sluice, this::nettyCopied);
    }

    private byte[] frames() {
        var bytes = new ByteArrayOutputStream();
        do {
            bytes.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(payload).array());
            Agreement.fill(bytes, payload);
        } while (bytes.size() < PREPARED);
        return bytes.toByteArray();
    }

    @Benchmark
    public byte[] sluice() {
        return (byte[]) sluice.receive(Caller.CALLER);
    }

    /** A slice of the buffer that came, which is given back. */
    @Benchmark
    public int nettySlice() {
        ByteBuf message = netty.next();
        int length = message.readableBytes();
        message.release();
        return length;
    }

    /** The same as an array, as the other one's result. */
    @Benchmark
    public byte[] nettyCopied() {
        ByteBuf message = netty.next();
        byte[] bytes = new byte[message.readableBytes()];
        message.readBytes(bytes);
        message.release();
        return bytes;
    }

    /** What a channel does when it has read: 64 KiB at a time. */
    private static final class Netty {
        private static final int READ_BYTES = 64 * 1024;

        private final EmbeddedChannel channel =
                new EmbeddedChannel(new LengthFieldBasedFrameDecoder(1 << 20, 0, Integer.BYTES, 0, Integer.BYTES));
        private final byte[] bytes;
        private int position;

        Netty(byte[] bytes) {
            this.bytes = bytes;
        }

        ByteBuf next() {
            ByteBuf message = channel.readInbound();
            while (message == null) {
                channel.writeInbound(read());
                message = channel.readInbound();
            }
            return message;
        }

        private ByteBuf read() {
            ByteBuf buffer = PooledByteBufAllocator.DEFAULT.directBuffer(READ_BYTES);
            while (buffer.isWritable()) {
                int count = Math.min(buffer.writableBytes(), bytes.length - position);
                buffer.writeBytes(bytes, position, count);
                position = (position + count) % bytes.length;
            }
            return buffer;
        }
    }

    /** Only reads. */
    private record OneWay(ByteSource source) implements Transport {
        @Override
        public StreamInfo getInfo() {
            return StreamInfo.None;
        }

        @Override
        public int tryRead(ByteBuffer into) {
            return source.tryRead(into);
        }

        @Override
        public Object awaitReadable(Continuation<? super Unit> continuation) {
            return Unit.INSTANCE;
        }

        @Override
        public int tryWrite(ByteBuffer from) {
            return 0;
        }

        @Override
        public Object awaitWritable(Continuation<? super Unit> continuation) {
            return Unit.INSTANCE;
        }

        @Override
        public boolean getCanWriteEof() {
            return false;
        }

        @Override
        public void writeEof() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void abort() {}

        @Override
        public void close() {}
    }
}
