package io.rafsd.storage.blobmeta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.rafsd.blob.BlobFeatures;
import io.rafsd.blob.BlobId;
import io.rafsd.blob.BlobInfo;
import io.rafsd.blob.StoredUnit;
import io.rafsd.codec.Compression;
import io.rafsd.codec.DigestAlgorithm;
import io.rafsd.codec.InflateWindow;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What other builders made of gzip files. */
class ZranFixturesTest {

    private static final Path ALL = Path.of(System.getProperty("rafsd.shared", "../shared"), "fixtures", "zran");

    @Test
    void aChunkTableThatAnotherDaemonLeftIsRead() throws IOException {
        needFixtures();
        MemorySegment file = MemorySegment.ofArray(Files.readAllBytes(
                ALL.resolve("233c72f2b6b698c07021c4da367cfe2dff4f049efbaa885ca0ff760ea297865a.blob.meta")));
        ChunkTableHeader header = ChunkTableHeader.decode(file.asSlice(file.byteSize() - ChunkTableHeader.SIZE));
        assertThat(header.entries()).isEqualTo(163);
        assertThat(header.contextCount()).isEqualTo(21);
        BlobMeta meta = BlobMeta.decode(blob(header), header, file.asSlice(0, header.uncompressedSize()));
        int units = 0;
        for (int chunk = 0; chunk < meta.chunkCount(); chunk = meta.unit(chunk).lastChunk() + 1) {
            StoredUnit unit = meta.unit(chunk);
            assertThat(unit.firstChunk()).isEqualTo(chunk);
            units++;
        }
        assertThat(units).isEqualTo(21);
    }

    private static BlobInfo blob(ChunkTableHeader header) {
        long large = 1L << 40;
        return new BlobInfo(
                new BlobId("b10b"),
                0,
                1 << 20,
                header.entries(),
                Compression.GZIP,
                DigestAlgorithm.SHA256,
                header.features() | BlobFeatures.CHUNK_INFO_V2 | BlobFeatures.ZRAN,
                large,
                large,
                new BlobInfo.ChunkTableLocation(Compression.ZSTD, 0, 0, header.uncompressedSize()),
                0,
                null);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"bgzip.tar.gz", "zran-two-streams.tar.gz", "zran-single-stream.tar.gz", "zran-zero-file.tar.gz"})
    void gzipFilesOfOneOrManyMembersAreInflatedAsOneWindow(String name) throws IOException {
        needFixtures();
        byte[] file = Files.readAllBytes(ALL.resolve(name));
        byte[] expected;
        try (InputStream in = new GZIPInputStream(Files.newInputStream(ALL.resolve(name)))) {
            expected = in.readAllBytes();
        }
        byte[] plain = new byte[expected.length];
        new InflateWindow(0, 0, MemorySegment.ofArray(new byte[0]))
                .inflate(
                        MemorySegment.ofArray(Arrays.copyOfRange(file, headerSize(file), file.length)),
                        MemorySegment.ofArray(plain));
        assertThat(plain).isEqualTo(expected);
    }

    /** Of these files: ten bytes, then an extra field or a name. */
    private static int headerSize(byte[] file) {
        int size = 10;
        if ((file[3] & 4) != 0) {
            size += 2 + (file[10] & 0xFF);
        }
        if ((file[3] & 8) != 0) {
            while (file[size] != 0) {
                size++;
            }
            size++;
        }
        return size;
    }

    private static void needFixtures() {
        assumeTrue(Files.isDirectory(ALL), "no images by other builders at " + ALL.toAbsolutePath());
    }
}
