package io.rafsd.storage.backend;

import io.rafsd.blob.ByteRange;
import io.rafsd.stats.BackendStats;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Asks again where asking again may help ({@link io.rafsd.error.BackendFailure.Kind#RETRYABLE}), until the deadline of the
 * read or the limit of retries. A stream that breaks goes on from where it stopped. Safe for many threads.
 *
 * @param origin that is asked
 * @param retryLimit attempts after the first, for one opened range or one question of size
 * @param stats whose retries are counted
 */
public record RetryingBlobReader(BlobReader origin, int retryLimit, BackendStats stats) implements BlobReader {

    @Override
    public long size(ReadContext context) throws IOException {
        BackOff backOff = new BackOff(retryLimit, context, stats);
        while (true) {
            try {
                return origin.size(context);
            } catch (IOException e) {
                backOff.awaitRetryAfter(e);
            }
        }
    }

    @Override
    public BlobStream open(ByteRange range, ReadContext context) throws IOException {
        ResumingBlobStream stream = new ResumingBlobStream(range, context);
        stream.connect();
        return stream;
    }

    private final class ResumingBlobStream implements BlobStream {

        private final ByteRange range;
        private final ReadContext context;
        private final BackOff backOff;
        private @Nullable BlobStream current;
        private long position;

        ResumingBlobStream(ByteRange range, ReadContext context) {
            this.range = range;
            this.context = context;
            this.backOff = new BackOff(retryLimit, context, stats);
            this.position = range.offset();
        }

        private BlobStream connect() throws IOException {
            while (true) {
                try {
                    BlobStream opened = origin.open(new ByteRange(position, range.end() - position), context);
                    current = opened;
                    return opened;
                } catch (IOException e) {
                    backOff.awaitRetryAfter(e);
                }
            }
        }

        @Override
        public void readFully(MemorySegment destination) throws IOException {
            while (true) {
                BlobStream stream = current == null ? connect() : current;
                try {
                    stream.readFully(destination);
                    position += destination.byteSize();
                    return;
                } catch (IOException e) {
                    // How much of the destination was filled is not known: the next attempt fills it from its start.
                    close();
                    backOff.awaitRetryAfter(e);
                }
            }
        }

        @Override
        public void close() {
            BlobStream stream = current;
            current = null;
            if (stream != null) {
                stream.close();
            }
        }
    }
}
