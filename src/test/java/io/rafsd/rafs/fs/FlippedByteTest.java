package io.rafsd.rafs.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.rafsd.codec.DigestAlgorithm;
import io.rafsd.error.IntegrityFailure;
import io.rafsd.filesystem.Attributes;
import io.rafsd.testing.Answer;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Images by the reference builder with one byte of their blobs changed: every file is right or fails. */
class FlippedByteTest {

    private static final int FLIPS = 4;
    /** A byte may lie where no file of the image has its data; some of so many do not. */
    private static final int MAX_FLIPS = 40;

    private static final int CHUNK_DATA = 1_000_000;

    @TempDir
    Path directory;

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);
    private int failed;

    @BeforeEach
    void needFixtures() {
        assumeTrue(Files.isDirectory(GoldenImage.ALL), "no golden images at " + GoldenImage.ALL.toAbsolutePath());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"v6-zstd-batch", "v6-zstd-encrypted", "v6-targz-ref", "v6-zstd-inline-toc", "v5-zstd-sha256"})
    void aWrongByteIsNeverServed(String name) throws IOException {
        for (int i = 0; i < FLIPS || failed == 0 && i < MAX_FLIPS; i++) {
            Path blobs = Files.createDirectories(directory.resolve("blobs" + i));
            copyWithOneByteChanged(name, blobs);
            try (GoldenImage image = new GoldenImage(name, blobs)) {
                readAll(image, image.with(directory.resolve("cache" + i)));
            }
        }
        assertThat(failed).as("%d flips, seed %d", MAX_FLIPS, seed).isPositive();
    }

    /** The blob with the chunks is the largest. */
    private void copyWithOneByteChanged(String name, Path blobs) throws IOException {
        try (DirectoryStream<Path> files =
                Files.newDirectoryStream(GoldenImage.ALL.resolve(name).resolve("blobs"))) {
            for (Path file : files) {
                byte[] bytes = Files.readAllBytes(file);
                if (bytes.length > CHUNK_DATA) {
                    bytes[random.nextInt(CHUNK_DATA)] ^= (byte) (1 << random.nextInt(8));
                }
                Files.write(blobs.resolve(file.getFileName().toString()), bytes);
            }
        }
    }

    private void readAll(GoldenImage image, RafsFileSystem files) throws IOException {
        for (Map.Entry<String, Map<String, Object>> expected : image.tree().entrySet()) {
            Object digest = expected.getValue().get("sha256");
            // Names that are escaped are left out; there are enough others.
            if (digest == null || expected.getKey().contains("\\")) {
                continue;
            }
            Attributes found = find(files, expected.getKey());
            try {
                byte[] bytes = Answer.to(files, found.ino, 0, (int) found.size).await();
                assertThat(DigestAlgorithm.SHA256.digest(MemorySegment.ofArray(bytes)))
                        .as("%s, seed %d", expected.getKey(), seed)
                        .hasToString(digest.toString());
            } catch (IntegrityFailure e) {
                failed++;
            }
        }
    }

    private static Attributes find(RafsFileSystem files, String path) throws IOException {
        Attributes found = new Attributes();
        found.ino = files.rootIno();
        for (String name : path.split("/", -1)) {
            byte[] text = name.getBytes(StandardCharsets.UTF_8);
            assertThat(files.lookup(found.ino, MemorySegment.ofArray(text), found))
                    .as(path)
                    .isTrue();
        }
        return found;
    }
}
