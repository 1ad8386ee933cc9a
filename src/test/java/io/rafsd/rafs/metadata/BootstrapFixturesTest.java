package io.rafsd.rafs.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.rafsd.blob.TarHeader;
import io.rafsd.blob.TocEntry;
import io.rafsd.error.InvalidImage;
import io.rafsd.error.Unsupported;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bootstraps of other times, alone and inside blobs. */
class BootstrapFixturesTest {

    /** At most so long; it has a bit that means nothing. */
    private static final int ZSTD_FRAME_HEADER = 18;

    private static final Path ALL = Path.of(System.getProperty("rafsd.shared", "../shared"), "fixtures");
    private static final String INLINED = "2fa78cad554b75ac91a4a125ed148d0ddeb25efa4aaa8bd80e5dc292690a4dca";

    @TempDir
    Path directory;

    @BeforeEach
    void needFixtures() {
        assumeTrue(Files.isDirectory(ALL), "no images by other builders at " + ALL.toAbsolutePath());
    }

    @Test
    void aBootstrapOfTwoPointTwoShowsItsFiles() throws IOException {
        RafsMetadata metadata = RafsMetadata.open(ALL.resolve("bootstrap/rafs-v6-2.2.boot"));
        assertThat(names(metadata)).containsExactly(".", "..", "lib.rs", "sync_io.rs");
        assertThat(metadata.blobs().getFirst().id().value()).startsWith("be7d77ee");
    }

    @Test
    void aBootstrapInsideAnOldBlobIsReadAndTheBlobIsKnownByItsFile() throws IOException {
        RafsMetadata metadata = RafsMetadata.open(ALL.resolve("toc").resolve(INLINED));
        assertThat(names(metadata)).hasSize(5);
        assertThat(metadata.blobs().getFirst().id().value()).isEqualTo(INLINED);
    }

    @Test
    void aBootstrapFromBeforeTheFirstReleaseIsRefused() {
        assertThatExceptionOfType(InvalidImage.class)
                .isThrownBy(() -> RafsMetadata.open(ALL.resolve("bootstrap/nydusd_daemon_test_bootstrap")))
                .withMessageContaining("inode ");
    }

    @Test
    void aBlobWithoutABootstrapIsRefusedByName() {
        assertThatExceptionOfType(InvalidImage.class)
                .isThrownBy(() -> RafsMetadata.open(
                        ALL.resolve("blobs/be7d77eeb719f70884758d1aa800ed0fb09d701aaec469964e9d54325f0d5fef")))
                .withMessageContaining("names no bootstrap");
        assertThatExceptionOfType(InvalidImage.class)
                .isThrownBy(() -> RafsMetadata.open(ALL.resolve("stargz/estargz_sample.json")))
                .withMessageContaining("neither the magic of RAFS v5");
    }

    @Test
    void aBlobOfFsVersionSevenIsRefusedByName() throws IOException {
        byte[] bytes = new byte[3 * 4096];
        byte[] mark = "LPFOOTER".getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(mark, 0, bytes, 2 * 4096, mark.length);
        assertThatExceptionOfType(Unsupported.class)
                .isThrownBy(() -> open(bytes))
                .withMessageContaining("fs-version 7");
    }

    @Test
    void aWrongByteInABootstrapInsideABlobIsNoticed() throws IOException {
        byte[] blob = Files.readAllBytes(ALL.resolve("toc").resolve(INLINED));
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        MemorySegment entries = MemorySegment.ofArray(blob).asSlice(blob.length - 1024, 512);
        TocEntry bootstrap = TocEntry.at(entries, 3);
        assertThat(bootstrap.name()).isEqualTo(TocEntry.BOOTSTRAP);
        for (int i = 0; i < 20; i++) {
            byte[] broken = blob.clone();
            int at = ZSTD_FRAME_HEADER + random.nextInt((int) bootstrap.storedSize() - ZSTD_FRAME_HEADER);
            broken[(int) bootstrap.offset() + at] ^= 0x10;
            assertThatExceptionOfType(IOException.class).as("seed %d", seed).isThrownBy(() -> open(broken));
        }
    }

    @Test
    void anyBytesAtTheEndOfABlobGiveATreeOrARule() throws IOException {
        byte[] blob = Files.readAllBytes(ALL.resolve("toc").resolve(INLINED));
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int i = 0; i < 300; i++) {
            byte[] broken = blob.clone();
            for (int n = random.nextInt(4); n >= 0; n--) {
                broken[broken.length - 1 - random.nextInt(1024)] = (byte) random.nextInt();
            }
            if (random.nextBoolean()) {
                resum(broken);
            }
            try {
                open(broken);
            } catch (IOException e) {
                assertThat(e).as("seed %d", seed).hasMessageNotContaining("null");
            }
        }
    }

    /** A header whose sum is right is looked at further. */
    private static void resum(byte[] blob) {
        MemorySegment last = MemorySegment.ofArray(blob).asSlice(blob.length - TarHeader.SIZE);
        last.asSlice(148, 8).fill((byte) ' ');
        long sum = 0;
        for (int i = 0; i < TarHeader.SIZE; i++) {
            sum += last.get(ValueLayout.JAVA_BYTE, i) & 0xFF;
        }
        byte[] digits = String.format("%07o", sum).getBytes(StandardCharsets.US_ASCII);
        MemorySegment.copy(digits, 0, last, ValueLayout.JAVA_BYTE, 148, digits.length);
        last.set(ValueLayout.JAVA_BYTE, 155, (byte) 0);
    }

    private RafsMetadata open(byte[] bytes) throws IOException {
        return RafsMetadata.open(Files.write(directory.resolve("file"), bytes));
    }

    private static List<String> names(RafsMetadata metadata) throws IOException {
        List<String> names = new ArrayList<>();
        metadata.readDirectory(
                metadata.rootIno(),
                0,
                (name, _, _, _) ->
                        names.add(new String(name.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.US_ASCII)));
        return names;
    }
}
