package io.rafsd.storage.blobmeta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rafsd.blob.BlobFeatures;
import io.rafsd.blob.BlobId;
import io.rafsd.blob.BlobInfo;
import io.rafsd.blob.StoredUnit;
import io.rafsd.codec.Compression;
import io.rafsd.codec.DigestAlgorithm;
import io.rafsd.error.InvalidImage;
import io.rafsd.storage.backend.BackendConfig;
import io.rafsd.storage.backend.ReadContext;
import io.rafsd.storage.backend.localfs.LocalFsBackend;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Dictionaries of gzip windows stay in the chunk table's file, and large tables are believed only with the blob's word. */
class DictionariesTest {

    private static final int FRONT = ChunkEntry.SIZE_V2 + (int) ZranContext.SIZE;
    private static final int TEXT = 3000;
    private static final BlobId ID = new BlobId("b10b");

    private final byte[] text = new byte[TEXT];
    private final byte[] dictionary = new byte[1000];
    private byte[] stored = new byte[0];

    @TempDir
    Path work;

    @BeforeEach
    void makeTable() throws IOException {
        Random random = new Random(1);
        random.nextBytes(dictionary);
        for (int i = 0; i < TEXT; i++) {
            text[i] = dictionary[(i * 7 / 5 + i % 3) % dictionary.length];
        }
        System.arraycopy(dictionary, 0, text, 500, 1000);
        Deflater deflater = new Deflater(9, true);
        deflater.setDictionary(dictionary);
        deflater.setInput(text);
        deflater.finish();
        byte[] room = new byte[2 * TEXT];
        int size = deflater.deflate(room);
        stored = Arrays.copyOf(room, size);
        deflater.end();
        MemorySegment table = MemorySegment.ofArray(new byte[FRONT + dictionary.length]);
        new ChunkEntry(0, TEXT, 0, 0, ChunkEntry.ZRAN | ChunkEntry.COMPRESSED, ChunkEntry.detail(0, 0))
                .encodeV2(table, 0);
        new ZranContext(0, 0, 0, stored.length, TEXT, dictionary.length, 0, 0)
                .encode(table.asSlice(ChunkEntry.SIZE_V2), 0);
        MemorySegment.copy(dictionary, 0, table, ValueLayout.JAVA_BYTE, FRONT, dictionary.length);
        byte[] header = new byte[ChunkTableHeader.SIZE];
        long bytes = table.byteSize();
        new ChunkTableHeader(blob(bytes).features(), 0, 1, 0, bytes, bytes, ChunkEntry.SIZE_V2, bytes - 24, 1)
                .encode(MemorySegment.ofArray(header));
        Files.write(
                work.resolve(ID.value()),
                ByteBuffer.allocate((int) bytes + header.length)
                        .put(table.asByteBuffer())
                        .put(header)
                        .array());
    }

    @Test
    void windowIsInflatedWithItsDictionaryWhetherThereIsAFileOrNot() throws IOException {
        Path file = work.resolve("kept.blob.meta");
        assertThat(decoded(load(null))).isEqualTo(text);
        assertThat(decoded(load(file))).isEqualTo(text);
        assertThat(file).exists();
        assertThat(decoded(load(file))).isEqualTo(text);
    }

    @Test
    void dictionaryIsReadFromTheFileWhichMayBeRemovedMeanwhile() throws IOException {
        Path file = work.resolve("kept.blob.meta");
        BlobMeta table = load(file);
        Files.delete(file);
        assertThat(decoded(table)).isEqualTo(text);

        BlobMeta again = load(file);
        byte[] bytes = Files.readAllBytes(file);
        Arrays.fill(bytes, FRONT, FRONT + dictionary.length, (byte) 0);
        Files.write(file, bytes);
        // Were it kept in memory, this would not be seen.
        assertThat(decoded(again)).isNotEqualTo(text);
    }

    @Test
    void largeTableThatTheBlobDoesNotHaveTakesNoMemory() {
        long claimed = 512L << 20;
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> load(claimed, claimed))
                .withMessageContaining(ID.value());
        assertThatExceptionOfType(InvalidImage.class)
                .isThrownBy(() -> load(claimed, 1000))
                .withMessageContaining("a chunk table of 1000 bytes cannot have " + claimed);
    }

    private byte[] decoded(BlobMeta table) throws IOException {
        StoredUnit unit = table.unit(0);
        byte[] plain = new byte[unit.size()];
        unit.encoding().decode(MemorySegment.ofArray(stored), MemorySegment.ofArray(plain));
        return plain;
    }

    private BlobMeta load(@Nullable Path file) throws IOException {
        try (LocalFsBackend backend = new LocalFsBackend(new BackendConfig.LocalFs(work, null, List.of()))) {
            return BlobMetaLoader.load(
                    blob(FRONT + dictionary.length),
                    backend.blob(ID),
                    file,
                    ReadContext.onDemand(Duration.ofMinutes(1)));
        }
    }

    private void load(long uncompressed, long compressed) throws IOException {
        try (LocalFsBackend backend = new LocalFsBackend(new BackendConfig.LocalFs(work, null, List.of()))) {
            BlobMetaLoader.load(
                    blob(uncompressed, compressed),
                    backend.blob(ID),
                    null,
                    ReadContext.onDemand(Duration.ofMinutes(1)));
        }
    }

    private static BlobInfo blob(long table) {
        return blob(table, table);
    }

    private static BlobInfo blob(long uncompressed, long compressed) {
        return new BlobInfo(
                ID,
                0,
                1 << 20,
                1,
                Compression.GZIP,
                DigestAlgorithm.SHA256,
                BlobFeatures.ALIGNED | BlobFeatures.CHUNK_INFO_V2 | BlobFeatures.ZRAN,
                1L << 30,
                4096,
                new BlobInfo.ChunkTableLocation(
                        uncompressed == compressed ? Compression.NONE : Compression.ZSTD, 0, compressed, uncompressed),
                0,
                null);
    }
}
