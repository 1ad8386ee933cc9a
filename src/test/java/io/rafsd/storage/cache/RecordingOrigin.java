package io.rafsd.storage.cache;

import io.rafsd.blob.ByteRange;
import io.rafsd.error.BackendFailure;
import io.rafsd.storage.backend.BlobReader;
import io.rafsd.storage.backend.BlobStream;
import io.rafsd.storage.backend.ReadContext;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A blob in memory that remembers what it was asked, and fails, lies or hangs when told to. */
final class RecordingOrigin implements BlobReader {

    /** What happens to one request. */
    sealed interface Fault {
        /** It is refused. */
        record Refuse(BackendFailure.Kind kind) implements Fault {}

        /** It ends with a failure after so many bytes. */
        record BreakAfter(long bytes) implements Fault {}

        /** The byte at this offset of the blob arrives flipped. */
        record Flip(long offset) implements Fault {}

        /** After so many bytes nothing comes until the latch opens, whatever the deadline. */
        record Hang(long afterBytes, CountDownLatch until, boolean thenBreak) implements Fault {}
    }

    final List<ByteRange> ranges = new CopyOnWriteArrayList<>();
    private final byte[] bytes;
    private final List<Fault> faults = new CopyOnWriteArrayList<>();
    private volatile Predicate<Fault> lasting = fault -> false;

    RecordingOrigin(byte[] bytes) {
        this.bytes = bytes;
    }

    /** The next request meets this, the one after it the next. */
    RecordingOrigin next(Fault fault) {
        faults.add(fault);
        return this;
    }

    /** From now on all requests meet this. */
    RecordingOrigin always(Fault fault) {
        faults.clear();
        faults.add(fault);
        lasting = fault::equals;
        return this;
    }

    void recover() {
        lasting = fault -> false;
        faults.clear();
    }

    @Override
    public long size(ReadContext context) {
        return bytes.length;
    }

    @Override
    public BlobStream open(ByteRange range, ReadContext context) throws IOException {
        @Nullable Fault fault;
        synchronized (this) {
            ranges.add(range);
            fault = faults.isEmpty() ? null : faults.getFirst();
            if (fault != null && !lasting.test(fault)) {
                faults.removeFirst();
            }
        }
        if (fault instanceof Fault.Refuse(BackendFailure.Kind kind)) {
            throw new BackendFailure(kind, "refused");
        }
        if (range.end() > bytes.length) {
            throw new BackendFailure(BackendFailure.Kind.FATAL, "blob has " + bytes.length + " bytes, wanted " + range);
        }
        return new Stream(range, fault);
    }

    private final class Stream implements BlobStream {

        private final ByteRange range;
        private final @Nullable Fault fault;
        private long position;

        Stream(ByteRange range, @Nullable Fault fault) {
            this.range = range;
            this.fault = fault;
            this.position = range.offset();
        }

        @Override
        public void readFully(MemorySegment destination) throws IOException {
            long end = position + destination.byteSize();
            if (end > range.end()) {
                throw new BackendFailure(BackendFailure.Kind.FATAL, "read past the range asked for");
            }
            if (fault instanceof Fault.BreakAfter(long limit) && end - range.offset() > limit) {
                throw new BackendFailure(BackendFailure.Kind.RETRYABLE, "connection reset");
            }
            if (fault instanceof Fault.Hang hang && end - range.offset() > hang.afterBytes) {
                try {
                    hang.until.await();
                } catch (InterruptedException e) {
                    throw new AssertionError("nobody may interrupt a transfer", e);
                }
                if (hang.thenBreak) {
                    throw new BackendFailure(BackendFailure.Kind.RETRYABLE, "connection reset");
                }
            }
            MemorySegment.copy(MemorySegment.ofArray(bytes), position, destination, 0, destination.byteSize());
            if (fault instanceof Fault.Flip(long offset) && offset >= position && offset < end) {
                long at = offset - position;
                destination.set(ValueLayout.JAVA_BYTE, at, (byte) (destination.get(ValueLayout.JAVA_BYTE, at) ^ 0x10));
            }
            position = end;
        }

        @Override
        public void close() {}
    }
}
