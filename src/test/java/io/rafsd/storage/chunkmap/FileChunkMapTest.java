package io.rafsd.storage.chunkmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.rafsd.error.CacheFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileChunkMapTest {

    private static final int HEADER = 4096;
    private static final int ALL_READY = 0x4D4D_4150;

    @TempDir
    Path directory;

    private Path file() {
        return directory.resolve("a.blob.data.chunk_map");
    }

    @Test
    void theFileIsNydusdsToTheBit() throws Exception {
        try (ChunkMap map = FileChunkMap.open(file(), 12)) {
            map.markReady(3);
            map.markReady(8);
        }
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file())).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(bytes.capacity()).isEqualTo(HEADER + 2);
        assertThat(bytes.getInt(0)).isEqualTo(0x424D_4150);
        assertThat(bytes.getInt(4)).isEqualTo(1);
        assertThat(bytes.getInt(8)).isEqualTo(0x434D_4150);
        assertThat(bytes.getInt(12)).isZero();
        assertThat(bytes.get(HEADER)).isEqualTo((byte) 0x10);
        assertThat(bytes.get(HEADER + 1)).isEqualTo((byte) 0x80);
    }

    @Test
    void aMapThatNydusdLeftIsRead() throws Exception {
        Path cache = Path.of(System.getProperty("rafsd.shared", "../shared"))
                .resolve("fixtures/golden/v6-lz4-sha256-64k/cache");
        assumeTrue(Files.isDirectory(cache), "no golden cache at " + cache.toAbsolutePath());
        try (var files = Files.list(cache)) {
            Path left = files.filter(path -> path.toString().endsWith(".chunk_map"))
                    .findFirst()
                    .orElseThrow();
            Files.copy(left, file());
        }
        int chunks = (int) (Files.size(file()) - HEADER) * 8;
        byte[] before = Files.readAllBytes(file());
        try (ChunkMap map = FileChunkMap.open(file(), chunks)) {
            assertThat(map.readyCount()).isBetween(1, chunks - 1);
            for (int chunk = 0; chunk < chunks; chunk++) {
                assertThat(map.isReady(chunk))
                        .as("chunk %d", chunk)
                        .isEqualTo((before[HEADER + chunk / 8] & 0x80 >>> chunk % 8) != 0);
            }
        }
        assertThat(Files.readAllBytes(file())).isEqualTo(before);
    }

    @Test
    void bitsSurviveAndAreSeenByOthersAtOnce() throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        boolean[] expected = new boolean[1000];
        try (ChunkMap one = FileChunkMap.open(file(), 1000);
                ChunkMap two = FileChunkMap.open(file(), 1000)) {
            for (int i = 0; i < 3000; i++) {
                int chunk = random.nextInt(1000);
                ChunkMap writer = random.nextBoolean() ? one : two;
                expected[chunk] = random.nextInt(8) > 0;
                if (expected[chunk]) {
                    writer.markReady(chunk);
                } else {
                    writer.clear(chunk);
                }
                assertThat(one.isReady(chunk)).as("seed %d", seed).isEqualTo(expected[chunk]);
                assertThat(two.isReady(chunk)).as("seed %d", seed).isEqualTo(expected[chunk]);
            }
        }
        try (ChunkMap again = FileChunkMap.open(file(), 1000)) {
            assertThat(IntStream.range(0, 1000).allMatch(i -> again.isReady(i) == expected[i]))
                    .as("seed %d", seed)
                    .isTrue();
            assertThat(again.readyCount()).isEqualTo((int)
                    IntStream.range(0, 1000).filter(i -> expected[i]).count());
        }
    }

    @Test
    void aHeaderThatSaysAllOutweighsTheBitsUntilOneIsCleared() throws Exception {
        FileChunkMap.open(file(), 20).close();
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file())).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(12, ALL_READY);
        Files.write(file(), bytes.array());
        try (ChunkMap map = FileChunkMap.open(file(), 20)) {
            assertThat(map.readyCount()).isEqualTo(20);
            map.clear(7);
            assertThat(map.isReady(7)).isFalse();
            assertThat(map.readyCount()).isEqualTo(19);
        }
        try (ChunkMap map = FileChunkMap.open(file(), 20)) {
            assertThat(map.isReady(7)).isFalse();
            assertThat(map.readyCount()).isEqualTo(19);
        }
    }

    @Test
    void aFileOfZerosGetsItsHeader() throws Exception {
        Files.write(file(), new byte[HEADER + 2]);
        try (ChunkMap map = FileChunkMap.open(file(), 12)) {
            assertThat(map.readyCount()).isZero();
            map.markReady(1);
        }
        try (ChunkMap map = FileChunkMap.open(file(), 12)) {
            assertThat(map.isReady(1)).isTrue();
        }
    }

    @Test
    void anotherSizeOrMagicIsRefusedWithTheRemedy() throws Exception {
        FileChunkMap.open(file(), 12).close();
        assertThatExceptionOfType(CacheFailure.class)
                .isThrownBy(() -> FileChunkMap.open(file(), 17))
                .withMessageContaining("4098")
                .withMessageContaining("delete");
        for (int at : new int[] {0, 8}) {
            byte[] bytes = Files.readAllBytes(file());
            bytes[at] ^= 1;
            Files.write(file(), bytes);
            assertThatExceptionOfType(CacheFailure.class)
                    .isThrownBy(() -> FileChunkMap.open(file(), 12))
                    .withMessageContaining("magic");
            bytes[at] ^= 1;
            Files.write(file(), bytes);
        }
        FileChunkMap.open(file(), 12).close();
    }

    @Test
    void neighboursThatTwoMapsOfOneFileSetAtOnceAreAllKept() throws Exception {
        int chunks = 20_001;
        Path file = directory.resolve("shared.chunk_map");
        try (ChunkMap one = FileChunkMap.open(file, chunks);
                ChunkMap two = FileChunkMap.open(file, chunks)) {
            Thread other = Thread.ofPlatform().start(() -> markEverySecond(two, 1));
            markEverySecond(one, 0);
            other.join();
            assertThat(one.readyCount()).isEqualTo(chunks);
        }
    }

    private static void markEverySecond(ChunkMap map, int first) {
        try {
            for (int chunk = first; chunk < map.chunkCount(); chunk += 2) {
                map.markReady(chunk);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
