package io.rafsd.storage.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafsd.codec.Compression;
import io.rafsd.storage.backend.ReadCause;
import io.rafsd.storage.backend.ReadContext;
import io.rafsd.storage.dedup.SqliteDedupDatabase;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Chunks that another cache on this machine has already. */
class DedupTest {

    private static final int CHUNK = 64 << 10;
    private static final int CHUNKS = 8;

    @TempDir
    Path directory;

    private final TestBlob blob = TestBlob.of(22, CHUNKS, CHUNK, Compression.ZSTD);
    private final RecordingOrigin origin = new RecordingOrigin(blob.stored);
    private CacheRig first;
    private CacheRig second;

    @BeforeEach
    void fillTheFirst() throws Exception {
        first = rig("first");
        second = rig("second");
        readAll(first);
        first.settle();
        origin.ranges.clear();
    }

    /** Each has its own connection, as two daemons have. */
    private CacheRig rig(String name) throws Exception {
        return new CacheRig(directory.resolve(name), 64 << 20, SqliteDedupDatabase.open(directory.resolve("cas.db")));
    }

    @AfterEach
    void close() {
        second.close();
        first.close();
    }

    @Test
    void whatAnotherCacheHasIsNotAskedOfTheOrigin() throws Exception {
        first.restart();
        readAll(second);
        assertThat(origin.ranges).isEmpty();
        assertThat(second.stats.chunksShared.sum()).isEqualTo(CHUNKS);
        assertThat(second.stats.chunksVerified.sum()).isEqualTo(CHUNKS);
    }

    @Test
    void whatWasTakenOverIsKept() throws Exception {
        first.restart();
        readAll(second);
        first.close();
        first.files(blob).delete();
        second.restart();
        readAll(second);
        assertThat(origin.ranges).isEmpty();
        assertThat(second.stats.hits.sum()).isEqualTo(CHUNKS);
    }

    @Test
    void aPrefetchTakesWhatIsThereAndFetchesOnlyTheRest() throws Exception {
        first.restart();
        overwrite(first.files(blob).data(), blob.uncompressedOffset(3));
        try (BlobCacheLease lease = second.open(blob, origin)) {
            lease.cache()
                    .prefetch(0, CHUNKS - 1, new ReadContext(ReadCause.PREFETCH, System.nanoTime() + 20_000_000_000L));
            Awaitility.await().until(() -> second.stats.storedBytes.sum() == (long) CHUNK * CHUNKS - 1);
        }
        assertThat(origin.ranges).hasSize(1);
        assertThat(origin.ranges.getFirst().length()).isEqualTo(blob.compressedSize(3));
        assertThat(second.stats.chunksShared.sum()).isEqualTo(CHUNKS - 1);
    }

    @Test
    void aWrongByteInTheOtherCacheIsNotServedAndNotLookedAtAgain() throws Exception {
        first.restart();
        overwrite(first.files(blob).data(), blob.uncompressedOffset(5) + 17);
        readAll(second);
        assertThat(origin.ranges).hasSize(1);
        second.restart();
        second.files(blob).delete();
        CacheRig third = rig("third");
        readAll(third);
        // The second one's own copy of that chunk went with its files.
        assertThat(origin.ranges).hasSize(2);
        third.close();
    }

    @Test
    void anotherCacheThatIsGoneOrNoFileAnyMoreCostsADownloadAndNothingElse() throws Exception {
        Path data = first.files(blob).data();
        Files.delete(data);
        assertThat(new ProcessBuilder("mkfifo", data.toString()).start().waitFor())
                .isZero();
        readAll(second);
        assertThat(second.stats.chunksShared.sum()).isZero();
        assertThat(second.stats.chunksFetched.sum()).isEqualTo(CHUNKS);
    }

    private void readAll(CacheRig rig) throws Exception {
        try (BlobCacheLease lease = rig.open(blob, origin)) {
            for (int chunk = 0; chunk < CHUNKS; chunk++) {
                assertThat(Reading.chunk(lease.cache(), blob, chunk)).isEqualTo(blob.plain[chunk]);
            }
        }
    }

    private static void overwrite(Path file, long offset) throws Exception {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.READ)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            channel.read(one, offset);
            channel.write(ByteBuffer.wrap(new byte[] {(byte) (one.get(0) ^ 1)}), offset);
        }
    }
}
