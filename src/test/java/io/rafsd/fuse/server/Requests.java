package io.rafsd.fuse.server;

import io.rafsd.fuse.protocol.Request;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Builds requests byte by byte, as the kernel lays them out. */
final class Requests {

    private Requests() {}

    static Request request(int opcode, long unique, long nodeId, byte[] body) {
        Request request = received(bytes(
                40 + body.length,
                to -> to.putInt(40 + body.length)
                        .putInt(opcode)
                        .putLong(unique)
                        .putLong(nodeId)
                        .putInt(1000)
                        .putInt(1000)
                        .putInt(4711)
                        .putInt(0)
                        .put(body)));
        if (request == null) {
            throw new AssertionError("built a request that is none");
        }
        return request;
    }

    /** Null if these bytes are no request. */
    static @Nullable Request received(byte[] bytes) {
        MemorySegment buffer = Arena.ofAuto().allocate(Math.max(bytes.length, Request.HEADER_SIZE), 8);
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, buffer, 0, bytes.length);
        Request request = new Request(buffer);
        return request.receive(bytes.length) ? request : null;
    }

    static byte[] name(String name) {
        return (name + "\0").getBytes(StandardCharsets.ISO_8859_1);
    }

    /** {@code struct fuse_read_in}. */
    static byte[] read(long offset, int size) {
        return bytes(40, to -> to.putLong(0).putLong(offset).putInt(size));
    }

    /** {@code struct fuse_getxattr_in} and, for GETXATTR, the name. */
    static byte[] xattr(int size, byte[] name) {
        return bytes(8 + name.length, to -> to.putInt(size).putInt(0).put(name));
    }

    /** {@code struct fuse_init_in}. */
    static byte[] init(int minor, long flags) {
        return bytes(
                64,
                to -> to.putInt(7)
                        .putInt(minor)
                        .putInt(131072)
                        .putInt((int) flags)
                        .putInt((int) (flags >>> 32)));
    }

    private static byte[] bytes(int size, Consumer<ByteBuffer> fill) {
        byte[] bytes = new byte[size];
        fill.accept(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
        return bytes;
    }
}
