package io.rafsd.storage.blobmeta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rafsd.blob.BlobInfo;
import io.rafsd.builder.BuildOptions;
import io.rafsd.builder.BuildProgress;
import io.rafsd.builder.BuiltImage;
import io.rafsd.builder.ImageBuilder;
import io.rafsd.codec.Compression;
import io.rafsd.error.IntegrityFailure;
import io.rafsd.error.InvalidImage;
import io.rafsd.rafs.metadata.RafsMetadata;
import io.rafsd.storage.backend.BackendConfig;
import io.rafsd.storage.backend.ReadContext;
import io.rafsd.storage.backend.localfs.LocalFsBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** From the image's digest of a table of contents to the chunk table: one wrong byte on the way is named. */
class TableOfContentsTest {

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);

    @TempDir
    Path work;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void rightTableIsLoaded(boolean encrypted) throws IOException {
        BuiltImage image = build(options().withEncrypted(encrypted), 3);
        assertThat(info(image).tocSize()).isPositive();
        assertThat(load(info(image)).chunkCount()).isEqualTo(info(image).chunkCount());
    }

    /** Digests of so many chunks lie between the two that they are not read together. */
    @Test
    void tableOfManyChunksIsLoaded() throws IOException {
        BuiltImage image = build(options(), 9000);
        assertThat(info(image).chunkCount()).isEqualTo(9000);
        assertThat(load(info(image)).chunkCount()).isEqualTo(9000);
    }

    @Test
    void wrongByteInTheTableOfContentsIsNamed() throws IOException {
        BuiltImage image = build(options(), 3);
        byte[] blob = Files.readAllBytes(blob(image));
        for (int i = 0; i < 20; i++) {
            byte[] broken = blob.clone();
            broken[broken.length - 1 - random.nextInt(info(image).tocSize())] ^= 1;
            Files.write(blob(image), broken);
            assertThatExceptionOfType(IntegrityFailure.class)
                    .as("seed %d", seed)
                    .isThrownBy(() -> load(info(image)))
                    .withMessageContaining("its table of contents, have the SHA-256");
        }
    }

    @Test
    void wrongByteInTheChunkTableIsNamed() throws IOException {
        BuiltImage image = build(options().withCompression(Compression.NONE), 3);
        BlobInfo info = info(image);
        byte[] blob = Files.readAllBytes(blob(image));
        // The lowest bits of where chunk 1 is stored: a table that breaks no rule.
        blob[(int) info.chunkTable().offset() + 16 + 8] ^= 1;
        Files.write(blob(image), blob);
        assertThatExceptionOfType(IntegrityFailure.class)
                .isThrownBy(() -> load(info))
                .withMessageContaining("its section blob.meta has the SHA-256");
    }

    @Test
    void wrongByteInTheHeaderIsNamed() throws IOException {
        BuiltImage image = build(options(), 3);
        BlobInfo info = info(image);
        byte[] blob = Files.readAllBytes(blob(image));
        blob[(int) (info.chunkTable().offset() + info.chunkTable().compressedSize()) + 2000] ^= 1;
        Files.write(blob(image), blob);
        assertThatExceptionOfType(IntegrityFailure.class)
                .isThrownBy(() -> load(info))
                .withMessageContaining("its section blob.meta.header has the SHA-256");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 511, 513})
    void sizeThatNoTableHasIsRefused(int size) throws IOException {
        BuiltImage image = build(options(), 3);
        BlobInfo right = info(image);
        BlobInfo wrong = new BlobInfo(
                right.id(),
                0,
                right.chunkSize(),
                right.chunkCount(),
                right.compressor(),
                right.digester(),
                right.features(),
                right.compressedSize(),
                right.uncompressedSize(),
                right.chunkTable(),
                size,
                right.tocDigest());
        assertThatExceptionOfType(InvalidImage.class)
                .isThrownBy(() -> load(wrong))
                .withMessageContaining("a table of contents of " + size + " bytes");
    }

    private static BuildOptions options() {
        return BuildOptions.defaults().withToc(true).withChunkSize(4096);
    }

    private BuiltImage build(BuildOptions options, int chunks) throws IOException {
        Path source = Files.createDirectory(work.resolve("source"));
        byte[] bytes = new byte[chunks * 4096];
        random.nextBytes(bytes);
        Files.write(source.resolve("file"), bytes);
        return ImageBuilder.build(options, source, work.resolve("image"), BuildProgress.SILENT);
    }

    private static BlobInfo info(BuiltImage image) throws IOException {
        return RafsMetadata.open(image.bootstrap()).blobs().getFirst();
    }

    private static Path blob(BuiltImage image) {
        return image.blobs().getFirst().file();
    }

    private BlobMeta load(BlobInfo info) throws IOException {
        Path directory = work.resolve("image");
        try (LocalFsBackend backend = new LocalFsBackend(new BackendConfig.LocalFs(directory, null, List.of()))) {
            return BlobMetaLoader.load(
                    info, backend.blob(info.id()), null, ReadContext.onDemand(Duration.ofMinutes(1)));
        }
    }
}
