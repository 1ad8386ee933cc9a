package io.rafsd.rafs.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Images by the reference builder show what they must, entry by entry and byte by byte, without a mount. */
class GoldenImagesTest {

    @TempDir
    Path cache;

    @BeforeEach
    void needFixtures() {
        assumeTrue(Files.isDirectory(GoldenImage.ALL), "no golden images at " + GoldenImage.ALL.toAbsolutePath());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "v6-zstd-blake3",
                "v6-lz4-sha256-64k",
                "v6-none-blake3-4k",
                "v6-zstd-16m-sha256",
                "v6-zstd-prefetch",
                "v6-merged",
                "v6-chunk-dict",
                "v6-zstd-inline-toc",
                "v6-zstd-batch",
                "v6-zstd-encrypted",
                "v6-targz-ref",
                "v5-zstd-sha256",
                "v5-lz4-blake3-64k"
            })
    void everyEntryIsSeenAndEveryByteReadOnceFetchedAndOnceFromTheCache(String name) throws IOException {
        try (GoldenImage image = new GoldenImage(name)) {
            RafsFileSystem files = image.with(cache);
            compare(FileSystemWalk.of(files, 1 << 17), image.tree());
            long fetched = image.stats.chunksFetched.sum();
            assertThat(fetched).isPositive();
            // Not a divisor of any chunk size, so that reads begin and end within chunks.
            compare(FileSystemWalk.of(files, 99_991), image.tree());
            assertThat(image.stats.chunksFetched.sum()).isEqualTo(fetched);
        }
    }

    /** Entry by entry, as a difference in a thousand is hard to find. */
    private static void compare(
            SortedMap<String, Map<String, Object>> found, SortedMap<String, Map<String, Object>> expected) {
        assertThat(found.keySet()).isEqualTo(expected.keySet());
        found.forEach((path, entry) -> {
            Map<String, Object> wanted = Objects.requireNonNull(expected.get(path));
            // The builder stores no time for the root.
            if (path.equals(".")) {
                entry.remove("mtime");
                wanted.remove("mtime");
            }
            // As text, in one order: numbers of JSON have several types.
            assertThat(new TreeMap<>(entry)).as(path).hasToString(new TreeMap<>(wanted).toString());
        });
    }
}
