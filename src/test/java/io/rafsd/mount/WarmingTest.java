package io.rafsd.mount;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafsd.blob.BlobId;
import io.rafsd.filesystem.Attributes;
import io.rafsd.rafs.layout.Fields;
import io.rafsd.rafs.layout.v6.ExtendedSuperblock;
import io.rafsd.storage.backend.ReadContext;
import io.rafsd.storage.cache.BlobCache;
import io.rafsd.testing.TinyImage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which chunks are fetched before anybody reads them. */
class WarmingTest {

    private static final int TABLE = TinyImage.BLOB_TABLE + 256;

    private final TinyImage image = new TinyImage();
    private final List<String> asked = new ArrayList<>();

    private void warm(List<String> files, boolean thenEverything) throws IOException {
        warm(image, files, thenEverything);
    }

    private void warm(TinyImage tiny, List<String> files, boolean thenEverything) throws IOException {
        List<BlobCache> blobs = List.of(new Recorder("b10b"), new Recorder("b10c"));
        new Warming(tiny.open(), blobs, ReadContext.onDemand(Duration.ofMinutes(1))).run(files, thenEverything);
    }

    private void list(int... nids) {
        image.bytes.set(Fields.U64, ExtendedSuperblock.OFFSET + 40, TABLE);
        image.bytes.set(Fields.U32, ExtendedSuperblock.OFFSET + 48, 4 * nids.length);
        for (int i = 0; i < nids.length; i++) {
            image.bytes.set(Fields.U32, TABLE + 4L * i, nids[i]);
        }
    }

    @Test
    void directoryStandsForAllThatIsBelowIt() throws IOException {
        warm(List.of("/d"), false);
        assertThat(asked).containsExactly("b10b 0-2");
    }

    @Test
    void fileOfTwoNamesIsFetchedOnceAndMissingOnesArePassedOver() throws IOException {
        warm(List.of("/none", "/f", "/f/none", "/d/g", "/l"), false);
        assertThat(asked).containsExactly("b10b 0-2");
    }

    @Test
    void imageListCountsWhereTheRequestListsNothing() throws IOException {
        list(TinyImage.LINK, TinyImage.FILE);
        warm(List.of(), false);
        assertThat(asked).containsExactly("b10b 0-2");
    }

    @Test
    void requestOverridesTheImage() throws IOException {
        list(TinyImage.FILE);
        warm(List.of("/l"), false);
        assertThat(asked).isEmpty();
    }

    @Test
    void rootStandsForAllBlobsWhole() throws IOException {
        list(TinyImage.ROOT);
        warm(List.of(), false);
        assertThat(asked).containsExactly("b10b 0-2");
        asked.clear();
        TinyImage two = new TinyImage(List.of(
                TinyImage.blob(new BlobId("b10b"), 0, TinyImage.CHUNKS), TinyImage.blob(new BlobId("b10c"), 1, 9)));
        warm(two, List.of("/"), true);
        assertThat(asked).containsExactly("b10b 0-2", "b10c 0-8");
    }

    @Test
    void listedFilesComeBeforeTheRest() throws IOException {
        warm(List.of("/f"), true);
        assertThat(asked).containsExactly("b10b 0-2", "b10b 0-2");
    }

    @Test
    void imageWithoutAListFetchesNothingByItself() throws IOException {
        warm(List.of(), false);
        assertThat(asked).isEmpty();
    }

    @Test
    void directoryThatHoldsItselfEnds() throws IOException {
        image.directory(
                TinyImage.DIRECTORY,
                new TinyImage.Name(".", TinyImage.DIRECTORY, Attributes.DIRECTORY),
                new TinyImage.Name("..", TinyImage.ROOT, Attributes.DIRECTORY),
                new TinyImage.Name("e", TinyImage.DIRECTORY, Attributes.DIRECTORY));
        warm(List.of("/d"), false);
        assertThat(asked).isEmpty();
    }

    private final class Recorder implements BlobCache {

        private final BlobId id;

        Recorder(String id) {
            this.id = new BlobId(id);
        }

        @Override
        public BlobId id() {
            return id;
        }

        @Override
        public boolean readIfReady(int firstChunk, int lastChunk, long start, int offset, MemorySegment destination) {
            return false;
        }

        @Override
        public void read(List<ChunkSlice> slices, ReadContext context, Completion completion) {
            completion.done();
        }

        @Override
        public void prefetch(int firstChunk, int lastChunk, ReadContext context) {
            asked.add(id + " " + firstChunk + "-" + lastChunk);
        }
    }
}
