package io.rafsd.erofs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rafsd.blob.BlobId;
import io.rafsd.error.InvalidImage;
import io.rafsd.error.PosixError;
import io.rafsd.filesystem.Attributes;
import io.rafsd.rafs.layout.v6.Inode;
import io.rafsd.storage.backend.ReadContext;
import io.rafsd.storage.cache.BlobCache;
import io.rafsd.storage.device.BlobDevice;
import io.rafsd.testing.Answer;
import io.rafsd.testing.TinyImage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Blobs as files hold each chunk where the image says that it lies, and zeros between. */
class BlobFilesTest {

    private static final long FIRST_FILE = 2;
    private static final int CHUNKS = 64;
    private static final int SIZE = TinyImage.FILE_SIZE;

    private final TinyImage image = new TinyImage(
            List.of(TinyImage.blob(new BlobId("b0"), 0, CHUNKS), TinyImage.blob(new BlobId("b1"), 1, CHUNKS)));
    private final Numbered device = new Numbered();

    private BlobFiles files() throws IOException {
        return new BlobFiles(image.open(), device, Duration.ofSeconds(1), false);
    }

    /** Of a file of three chunks, the last of which is 100 bytes: blob, chunk and block of each. */
    private void chunks(int[]... chunks) {
        image.file(SIZE, Inode.CHUNK_INDEXES);
        for (int position = 0; position < chunks.length; position++) {
            image.chunk(position, List.of(), chunks[position][0], chunks[position][1], chunks[position][2]);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anyRangeIsChunksAndZerosWhetherTheyAreThereOrCome(boolean ready) throws IOException {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        chunks(new int[] {0, 3, 4}, new int[] {0, 4, 5}, new int[] {0, 7, 9});
        device.ready = ready;
        byte[] whole = new byte[CHUNKS * TinyImage.CHUNK_SIZE];
        Arrays.fill(whole, 4 * 4096, 5 * 4096, (byte) 3);
        Arrays.fill(whole, 5 * 4096, 6 * 4096, (byte) 4);
        Arrays.fill(whole, 9 * 4096, 9 * 4096 + 100, (byte) 7);
        BlobFiles files = files();
        for (int i = 0; i < 200; i++) {
            int offset = random.nextInt(12 * 4096);
            int size = random.nextInt(12 * 4096);
            assertThat(Answer.to(files, FIRST_FILE, offset, size).await())
                    .as("%d bytes at %d, seed %d", size, offset, seed)
                    .isEqualTo(Arrays.copyOfRange(whole, offset, offset + size));
        }
        // The other blob has no chunk that a file uses; the file ends with the blob.
        assertThat(Answer.to(files, FIRST_FILE + 1, whole.length - 10, 100).await())
                .isEqualTo(new byte[10]);
        assertThat(Answer.to(files, FIRST_FILE, whole.length, 100).await()).isEmpty();
    }

    @Test
    void chunksSideBySideAreReadAsOne() throws IOException {
        chunks(new int[] {0, 3, 4}, new int[] {0, 4, 5}, new int[] {0, 5, 6});
        assertThat(Answer.to(files(), FIRST_FILE, 0, 12 * 4096).await()).hasSize(12 * 4096);
        assertThat(device.reads).isEqualTo(1);
    }

    @Test
    void imageWhoseChunksOverlapOrAreOutOfOrderIsRefused() {
        chunks(new int[] {0, 3, 4}, new int[] {0, 4, 4}, new int[] {0, 5, 6});
        assertThatExceptionOfType(InvalidImage.class).isThrownBy(this::files).withMessageContaining("overlap");
        chunks(new int[] {0, 4, 4}, new int[] {0, 3, 5}, new int[] {0, 5, 6});
        assertThatExceptionOfType(InvalidImage.class).isThrownBy(this::files).withMessageContaining("order");
        // One chunk at two places.
        chunks(new int[] {0, 3, 4}, new int[] {0, 3, 5}, new int[] {0, 5, 6});
        assertThatExceptionOfType(InvalidImage.class).isThrownBy(this::files);
    }

    @Test
    void filesAreForRootAloneAndPassThePageCacheBy() throws IOException {
        BlobFiles files = files();
        Attributes found = new Attributes();
        assertThat(files.lookup(files.rootIno(), name("1"), found)).isTrue();
        assertThat(found.ino).isEqualTo(FIRST_FILE + 1);
        assertThat(found.mode).isEqualTo(Attributes.REGULAR | 0400);
        assertThat(found.size).isEqualTo((long) CHUNKS * TinyImage.CHUNK_SIZE);
        assertThat(files.bypassesPageCache(found.ino)).isTrue();
        files.attributes(files.rootIno(), found);
        assertThat(found.mode).isEqualTo(Attributes.DIRECTORY | 0500);
        for (String absent : List.of("2", "01", "-1", "x")) {
            assertThat(files.lookup(files.rootIno(), name(absent), found))
                    .as(absent)
                    .isFalse();
        }
        assertThatExceptionOfType(PosixError.class)
                .isThrownBy(() -> Answer.to(files, FIRST_FILE + 2, 0, 1).await());
    }

    private static MemorySegment name(String text) {
        return MemorySegment.ofArray(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** A device whose chunks are full of their own number. */
    private static final class Numbered implements BlobDevice {

        private boolean ready = true;
        private int reads;

        @Override
        public boolean readIfReady(
                int blob, int firstChunk, int lastChunk, long start, int offset, MemorySegment destination) {
            reads++;
            for (long i = 0; ready && i < destination.byteSize(); i++) {
                destination.set(ValueLayout.JAVA_BYTE, i, (byte) (firstChunk + (offset + i) / TinyImage.CHUNK_SIZE));
            }
            return ready;
        }

        @Override
        public void read(List<DeviceSlice> slices, ReadContext context, BlobCache.Completion completion) {
            for (DeviceSlice slice : slices) {
                slice.slice().destination().fill((byte) slice.slice().chunk());
            }
            completion.done();
        }
    }
}
