package io.rafsd.rafs.fs;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafsd.blob.BlobId;
import io.rafsd.rafs.layout.v6.Inode;
import io.rafsd.storage.backend.ReadContext;
import io.rafsd.storage.cache.BlobCache;
import io.rafsd.storage.device.BlobDevice;
import io.rafsd.testing.Answer;
import io.rafsd.testing.TinyImage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which chunks are read together. */
class JoinedChunksTest {

    private static final int MANY = 1 << 24;
    private static final int SIZE = 3 * TinyImage.CHUNK_SIZE;

    private final TinyImage image = new TinyImage(
            List.of(TinyImage.blob(new BlobId("b0"), 0, MANY), TinyImage.blob(new BlobId("b1"), 1, MANY)));
    private final Reads reads = new Reads();

    @Test
    void chunksThatLieSideBySideAreOneRead() throws IOException {
        chunks(new int[] {0, 7, 7}, new int[] {0, 8, 8}, new int[] {0, 9, 9});
        assertThat(read()).containsExactly("blob 0, chunks 7 to 9, 12288 bytes at 28672");
    }

    @Test
    void chunksWithAGapBetweenThemAreSeveral() throws IOException {
        chunks(new int[] {0, 7, 7}, new int[] {0, 8, 9}, new int[] {0, 10, 10});
        assertThat(read())
                .containsExactly(
                        "blob 0, chunks 7 to 7, 4096 bytes at 28672",
                        "blob 0, chunks 8 to 8, 4096 bytes at 36864",
                        "blob 0, chunks 10 to 10, 4096 bytes at 40960");
    }

    @Test
    void lastPossibleChunkOfABlobDoesNotJoinTheFirstOfTheNext() throws IOException {
        // By number and address the second is the one after the first.
        chunks(new int[] {0, MANY - 1, 7}, new int[] {1, 0, 8}, new int[] {1, 1, 9});
        assertThat(read())
                .containsExactly(
                        "blob 0, chunks 16777215 to 16777215, 4096 bytes at 28672",
                        "blob 1, chunks 0 to 1, 8192 bytes at 32768");
    }

    private void chunks(int[]... chunks) {
        image.file(SIZE, Inode.CHUNK_INDEXES);
        for (int position = 0; position < chunks.length; position++) {
            int[] chunk = chunks[position];
            image.chunk(position, List.of(), chunk[0], chunk[1], chunk[2]);
        }
    }

    private List<String> read() throws IOException {
        RafsFileSystem files = new RafsFileSystem(image.open(), reads, Duration.ofSeconds(1));
        assertThat(Answer.to(files, TinyImage.FILE, 0, SIZE).await()).hasSize(SIZE);
        return reads.seen;
    }

    /** Has everything, and remembers what was asked. */
    private static final class Reads implements BlobDevice {

        private final List<String> seen = new ArrayList<>();

        @Override
        public boolean readIfReady(
                int blob, int firstChunk, int lastChunk, long start, int offset, MemorySegment destination) {
            seen.add("blob %d, chunks %d to %d, %d bytes at %d"
                    .formatted(blob, firstChunk, lastChunk, destination.byteSize(), start + offset));
            return true;
        }

        @Override
        public void read(List<DeviceSlice> slices, ReadContext context, BlobCache.Completion completion) {
            throw new AssertionError("everything is there");
        }
    }
}
