package io.rafsd.fuse.server;

import java.lang.foreign.MemorySegment;

/** Where replies go. Safe for many threads; each thread, and each deferred reply, sends through a frame of its own. */
public interface ReplyChannel {

    /** Room for one reply's header. */
    Frame newFrame();

    /** Sends one reply after the other. One thread at a time. */
    interface Frame {

        /**
         * Sends a reply. Nothing is thrown: a request that was aborted meanwhile, and a connection that has gone, are met
         * where requests are read.
         *
         * @param errno 0 or a positive error number, which goes without a payload
         * @param payload its first {@code length} bytes follow the header
         */
        void send(long unique, int errno, MemorySegment payload, long length);
    }
}
