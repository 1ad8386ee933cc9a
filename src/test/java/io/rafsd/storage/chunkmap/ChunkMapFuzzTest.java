package io.rafsd.storage.chunkmap;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.rafsd.error.CacheFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Whatever a chunk map holds: it counts no more chunks than there are and takes new ones, or it is refused. */
class ChunkMapFuzzTest {

    private static final int HEADER = 4096;
    private static final int FIELDS = 24;

    /** @param bytes the fields at the front of the header, then the bits; what lies between is zero */
    @FuzzTest
    void anyFileIsAChunkMapOrIsRefused(byte[] bytes) throws IOException {
        byte[] bits = bytes.length > FIELDS ? Arrays.copyOfRange(bytes, FIELDS, bytes.length) : new byte[1];
        byte[] whole = ByteBuffer.allocate(HEADER + bits.length)
                .put(bytes, 0, Math.min(FIELDS, bytes.length))
                .position(HEADER)
                .put(bits)
                .array();
        Path file = Files.createTempFile("map", ".chunk_map");
        try {
            Files.write(file, whole);
            open(file, bits.length * 8);
        } finally {
            Files.delete(file);
        }
    }

    private static void open(Path file, int chunks) throws IOException {
        try (FileChunkMap map = FileChunkMap.open(file, chunks)) {
            assertThat(map.readyCount()).isBetween(0, chunks);
            map.markReady(chunks - 1);
            assertThat(map.isReady(chunks - 1)).isTrue();
            map.clear(chunks - 1);
            assertThat(map.isReady(chunks - 1)).isFalse();
        } catch (CacheFailure e) {
            assertThat(e).hasMessageContaining("delete it");
        }
    }
}
