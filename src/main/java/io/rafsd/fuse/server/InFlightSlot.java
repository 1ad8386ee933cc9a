package io.rafsd.fuse.server;

import io.rafsd.fuse.InFlightRequest;
import org.jspecify.annotations.Nullable;

/**
 * Where one worker, or one deferred read, says what it is at. Written by one thread, read by any; a reader may meet a
 * request that has just been answered, never a mixture of two.
 */
final class InFlightSlot {

    private static final long IDLE = 0;

    private int opcode;
    private long ino;
    private long receivedMillis;
    /** 0 where there is none; written last and read first and last. */
    private volatile long unique;

    void begin(int opcode, long ino, long receivedMillis, long unique) {
        this.opcode = opcode;
        this.ino = ino;
        this.receivedMillis = receivedMillis;
        this.unique = unique;
    }

    void end() {
        unique = IDLE;
    }

    @Nullable
    InFlightRequest request() {
        long before = unique;
        if (before == IDLE) {
            return null;
        }
        InFlightRequest seen = new InFlightRequest(ino, opcode, before, receivedMillis / 1000);
        return unique == before ? seen : null;
    }
}
