package io.rafsd.storage.backend;

import io.rafsd.blob.ByteRange;
import io.rafsd.stats.BackendStats;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Counts what the backend is asked. Stands directly before the backend, so that every attempt counts. Safe for many
 * threads.
 */
public record CountingBlobReader(BlobReader origin, BackendStats stats) implements BlobReader {

    @Override
    public long size(ReadContext context) throws IOException {
        long asked = begin();
        try {
            long size = origin.size(context);
            stats.answered(0, System.nanoTime() - asked);
            return size;
        } catch (IOException e) {
            stats.failed(e);
            throw e;
        } finally {
            stats.inFlight.decrement();
        }
    }

    @Override
    public BlobStream open(ByteRange range, ReadContext context) throws IOException {
        long asked = begin();
        try {
            return new CountingBlobStream(origin.open(range, context), range.length(), asked, stats);
        } catch (IOException | RuntimeException e) {
            stats.failed(e);
            stats.inFlight.decrement();
            throw e;
        }
    }

    private long begin() {
        stats.inFlight.increment();
        return System.nanoTime();
    }

    /** Ends its request once: when the last byte is there, when it fails, or when it is closed early. */
    private static final class CountingBlobStream implements BlobStream {

        private final BlobStream origin;
        private final long asked;
        private final BackendStats stats;
        private final long length;
        private long left;
        private boolean ended;

        CountingBlobStream(BlobStream origin, long length, long asked, BackendStats stats) {
            this.origin = origin;
            this.length = length;
            this.left = length;
            this.asked = asked;
            this.stats = stats;
        }

        @Override
        public void readFully(MemorySegment destination) throws IOException {
            try {
                origin.readFully(destination);
            } catch (IOException | RuntimeException e) {
                if (end()) {
                    stats.failed(e);
                }
                throw e;
            }
            stats.bytes.add(destination.byteSize());
            left -= destination.byteSize();
            if (left <= 0 && end()) {
                stats.answered(length, System.nanoTime() - asked);
            }
        }

        @Override
        public void close() {
            end();
            origin.close();
        }

        private boolean end() {
            if (ended) {
                return false;
            }
            ended = true;
            stats.inFlight.decrement();
            return true;
        }
    }
}
