package io.rafsd.storage.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.rafsd.codec.Compression;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cache directory that cannot take the data never fails a read. */
class BrokenDirectoryTest {

    private static final int CHUNK = 64 << 10;
    private static final int CHUNKS = 32;

    @TempDir
    Path directory;

    private final TestBlob blob = TestBlob.of(31, CHUNKS, CHUNK, Compression.ZSTD);
    private final RecordingOrigin origin = new RecordingOrigin(blob.stored);

    @Test
    void aFullDiskServesEverythingAndKeepsWhatItCan() throws Exception {
        mount("size=768k");
        try (CacheRig rig = new CacheRig(directory)) {
            readAll(rig);
            assertThat(rig.stats.storeFailures.sum()).isPositive();
            assertThat(rig.stats.storedBytes.sum()).isPositive();
            // Whatever the disk took halfway is not believed now, nor after a restart.
            readAll(rig);
            rig.die();
            readAll(rig);
            assertThat(rig.stats.cacheCorruptions.sum()).isZero();
        } finally {
            unmount();
        }
    }

    @Test
    void aDiskWithoutRoomForTheRecordsServesEverything() throws Exception {
        mount("size=4k");
        try (CacheRig rig = new CacheRig(directory)) {
            readAll(rig);
            assertThat(rig.stats.storeFailures.sum()).isEqualTo(CHUNKS);
        } finally {
            unmount();
        }
    }

    @Test
    void aReadOnlyDirectoryServesEverything() throws Exception {
        mount("ro");
        try (CacheRig rig = new CacheRig(directory)) {
            readAll(rig);
            assertThat(rig.stats.storeFailures.sum()).isEqualTo(CHUNKS);
            assertThat(rig.manager.blobs()).isEmpty();
        } finally {
            unmount();
        }
    }

    @Test
    void aDirectoryThatIsAFileServesEverything() throws Exception {
        Path file = Files.createFile(directory.resolve("file"));
        try (CacheRig rig = new CacheRig(file)) {
            readAll(rig);
            assertThat(rig.stats.storeFailures.sum()).isEqualTo(CHUNKS);
        }
    }

    private void readAll(CacheRig rig) throws IOException {
        try (BlobCacheLease lease = rig.open(blob, origin)) {
            for (int chunk = 0; chunk < CHUNKS; chunk++) {
                assertThat(Reading.chunk(lease.cache(), blob, chunk)).isEqualTo(blob.plain[chunk]);
            }
            rig.settle();
        }
    }

    private void mount(String options) throws Exception {
        assumeTrue(
                run("mount", "-t", "tmpfs", "-o", options, "rafsd-test", directory.toString()) == 0,
                "may not mount a tmpfs here");
    }

    private void unmount() throws Exception {
        run("umount", "-l", directory.toString());
    }

    private static int run(String... command) throws Exception {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }
}
