package io.rafsd.storage.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rafsd.blob.BlobId;
import io.rafsd.storage.backend.ReadContext;
import io.rafsd.storage.cache.BlobCache;
import io.rafsd.storage.cache.BlobCache.ChunkSlice;
import io.rafsd.storage.device.BlobDevice.DeviceSlice;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ImageDeviceTest {

    private final HeldBlobCache one = new HeldBlobCache("one");
    private final HeldBlobCache two = new HeldBlobCache("two");
    private final BlobDevice device = new ImageDevice(List.of(one, two));
    private final ReadContext context = ReadContext.onDemand(Duration.ofSeconds(1));
    private final List<String> ends = new ArrayList<>();
    private final BlobCache.Completion completion = new BlobCache.Completion() {
        @Override
        public void done() {
            ends.add("done");
        }

        @Override
        public void failed(IOException failure) {
            ends.add(failure.getMessage());
        }
    };

    @Test
    void eachBlobIsAskedOnceForItsOwnPartsInOrder() {
        device.read(List.of(slice(1, 5), slice(0, 3), slice(1, 6)), context, completion);
        assertThat(one.chunks).containsExactly(List.of(3));
        assertThat(two.chunks).containsExactly(List.of(5, 6));
    }

    @Test
    void aReadIsDoneWhenAllBlobsAre() {
        device.read(List.of(slice(0, 0), slice(1, 0)), context, completion);
        two.completions.getFirst().done();
        assertThat(ends).isEmpty();
        one.completions.getFirst().done();
        assertThat(ends).containsExactly("done");
    }

    @Test
    void aFailureWaitsForTheOthersWhoStillWriteToTheReadersMemory() {
        device.read(List.of(slice(0, 0), slice(1, 0)), context, completion);
        two.completions.getFirst().failed(new IOException("first"));
        assertThat(ends).isEmpty();
        one.completions.getFirst().failed(new IOException("second"));
        assertThat(ends).containsExactly("first");
    }

    @Test
    void nothingWantedIsDoneAtOnce() {
        device.read(List.of(), context, completion);
        assertThat(ends).containsExactly("done");
    }

    @Test
    void aBlobThatTheImageHasNotIsRefusedBeforeAnythingIsAsked() {
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> device.read(List.of(slice(0, 0), slice(2, 0)), context, completion));
        assertThat(one.chunks).isEmpty();
    }

    @Test
    void whatIsReadyIsAskedOfItsBlob() {
        two.ready = true;
        assertThat(device.readIfReady(0, 0, 0, 0, 0, MemorySegment.NULL)).isFalse();
        assertThat(device.readIfReady(1, 0, 0, 0, 0, MemorySegment.NULL)).isTrue();
    }

    private static DeviceSlice slice(int blob, int chunk) {
        return new DeviceSlice(blob, new ChunkSlice(chunk, 0, 0, MemorySegment.NULL));
    }

    /** Remembers reads and leaves their end to the test. */
    private static final class HeldBlobCache implements BlobCache {

        private final BlobId id;
        private final List<List<Integer>> chunks = new ArrayList<>();
        private final List<Completion> completions = new ArrayList<>();
        private boolean ready;

        HeldBlobCache(String id) {
            this.id = new BlobId(id);
        }

        @Override
        public BlobId id() {
            return id;
        }

        @Override
        public boolean readIfReady(int firstChunk, int lastChunk, long start, int offset, MemorySegment destination) {
            return ready;
        }

        @Override
        public void read(List<ChunkSlice> slices, ReadContext context, Completion completion) {
            chunks.add(slices.stream().map(ChunkSlice::chunk).toList());
            completions.add(completion);
        }

        @Override
        public void prefetch(int firstChunk, int lastChunk, ReadContext context) {}
    }
}
