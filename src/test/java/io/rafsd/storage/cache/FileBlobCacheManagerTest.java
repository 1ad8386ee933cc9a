package io.rafsd.storage.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rafsd.blob.BlobId;
import io.rafsd.codec.Compression;
import io.rafsd.error.CacheFailure;
import io.rafsd.error.InvalidRequest;
import io.rafsd.error.NotFound;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileBlobCacheManagerTest {

    @TempDir
    Path directory;

    private final TestBlob blob = TestBlob.of(41, 4, 8192, Compression.NONE);
    private final RecordingOrigin origin = new RecordingOrigin(blob.stored);

    @Test
    void openAndUnusedBlobsAreListed() throws Exception {
        try (CacheRig rig = new CacheRig(directory)) {
            BlobCacheLease lease = rig.open(blob, origin);
            BlobCacheLease second = rig.open(blob, origin);
            Reading.chunk(lease.cache(), blob, 2);
            rig.settle();
            assertThat(rig.manager.blobs())
                    .containsExactly(new BlobCacheManager.CachedBlob(
                            blob.info.id(), rig.files(blob).data(), blob.info.uncompressedSize(), 8192, 4, 1, 1, 2));
            second.close();
            lease.close();
            assertThat(rig.manager.blobs())
                    .containsExactly(new BlobCacheManager.CachedBlob(
                            blob.info.id(), rig.files(blob).data(), 0, 8192, 0, 0, 0, 0));
        }
    }

    @Test
    void aBlobInUseIsNotDeletedAndAnUnusedOneIsGoneWithoutATrace() throws Exception {
        try (CacheRig rig = new CacheRig(directory)) {
            BlobCacheLease lease = rig.open(blob, origin);
            Reading.chunk(lease.cache(), blob, 0);
            rig.settle();
            assertThatExceptionOfType(InvalidRequest.class).isThrownBy(() -> rig.manager.delete(blob.info.id()));
            lease.close();
            rig.manager.delete(blob.info.id());
            assertThat(directory).isEmptyDirectory();
            assertThatExceptionOfType(NotFound.class).isThrownBy(() -> rig.manager.delete(blob.info.id()));
            assertThatExceptionOfType(NotFound.class).isThrownBy(() -> rig.manager.delete(new BlobId("other")));
        }
    }

    @Test
    void closingALeaseTwiceClosesItOnce() throws Exception {
        try (CacheRig rig = new CacheRig(directory)) {
            BlobCacheLease one = rig.open(blob, origin);
            BlobCacheLease two = rig.open(blob, origin);
            one.close();
            one.close();
            assertThat(Reading.chunk(two.cache(), blob, 0)).isEqualTo(blob.plain[0]);
        }
    }

    @Test
    void aClosedManagerHasClosedItsLeasesAndGivesNoMore() throws Exception {
        CacheRig rig = new CacheRig(directory);
        BlobCacheLease lease = rig.open(blob, origin);
        rig.close();
        assertThatExceptionOfType(CacheFailure.class).isThrownBy(() -> Reading.chunk(lease.cache(), blob, 0));
        assertThatExceptionOfType(CacheFailure.class).isThrownBy(() -> rig.open(blob, origin));
    }

    @Test
    void whatWasAnsweredBeforeTheLastLeaseClosedIsFoundAgain() throws Exception {
        try (CacheRig rig = new CacheRig(directory)) {
            for (int chunk = 0; chunk < 4; chunk++) {
                try (BlobCacheLease lease = rig.open(blob, origin)) {
                    Reading.chunk(lease.cache(), blob, chunk);
                }
            }
            origin.ranges.clear();
            try (BlobCacheLease lease = rig.open(blob, origin)) {
                assertThat(Reading.start(lease.cache(), blob, 0, 1, 2, 3).await())
                        .endsWith(blob.plain[3]);
            }
            assertThat(origin.ranges).isEmpty();
        }
    }

    @Test
    void namesOfTheFilesAreNydusds() throws Exception {
        try (CacheRig rig = new CacheRig(directory)) {
            rig.open(blob, origin);
            String id = blob.info.id().value();
            assertThat(directory.resolve(id + ".blob.data")).hasSize(blob.info.uncompressedSize());
            assertThat(Files.exists(directory.resolve(id + ".blob.data.chunk_map")))
                    .isTrue();
            assertThat(Files.exists(directory.resolve(id + ".blob.data.rafsd"))).isTrue();
        }
    }
}
