package io.rafsd.fuse.kernel;

import io.rafsd.fuse.protocol.Reply;
import io.rafsd.fuse.server.ReplyChannel;
import io.rafsd.linux.Fd;
import io.rafsd.linux.Iovecs;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Replies written to the FUSE device: header and payload in one {@code writev}, so that the payload is copied once, by the
 * kernel. What the device says to a write is not looked at: ENOENT means that the request was aborted or is sent again,
 * which is normal, and a device that has gone shows where requests are read.
 */
record DeviceChannel(Fd device) implements ReplyChannel {

    @Override
    public Frame newFrame() {
        return new DeviceFrame(device);
    }

    private static final class DeviceFrame implements Frame {

        private final Fd device;
        private final MemorySegment header;
        private final Iovecs iovecs;

        DeviceFrame(Fd device) {
            Arena arena = Arena.ofAuto();
            this.device = device;
            this.header = arena.allocate(Reply.HEADER_SIZE, 8);
            this.iovecs = new Iovecs(arena, 2);
            iovecs.set(0, header, Reply.HEADER_SIZE);
        }

        @Override
        public void send(long unique, int errno, MemorySegment payload, long length) {
            Reply.header(header, Reply.HEADER_SIZE + length, errno, unique);
            int count = 1;
            if (length > 0) {
                iovecs.set(1, payload, length);
                count = 2;
            }
            device.tryWrite(iovecs.segment(), count);
        }
    }
}
