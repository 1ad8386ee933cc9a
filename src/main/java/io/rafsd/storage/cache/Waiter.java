package io.rafsd.storage.cache;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** One part of one read, left with the ticket of the chunk it needs. */
record Waiter(PendingRead read, BlobCache.ChunkSlice slice) {

    void deliver(MemorySegment chunk, boolean fromBackend) {
        read.deliver(slice, chunk, fromBackend);
    }

    /**
     * The chunk did not come. A reader who left its part with somebody else's fetch, which was less patient or less urgent
     * than its own would be, or went to another mount's backend, has its own one started.
     */
    void failed(Ticket ticket, IOException failure) {
        if (ticket.isWeakerThan(read)) {
            read.restart(slice);
        } else {
            read.fail(failure);
        }
    }
}
