package io.rafsd.storage.cache;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import io.rafsd.codec.Compression;
import java.io.File;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.jpountz.lz4.LZ4Factory;
import org.awaitility.Awaitility;
import org.hamcrest.Matcher;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;

/** A process that fills a cache is killed at random points; what it leaves is right, and used. */
class CacheKillIT {

    private static final int ROUNDS = Integer.getInteger("rafsd.kills", 4);
    private static final TestBlob BLOB = TestBlob.of(61, 400, 32 << 10, Compression.ZSTD);

    @TempDir
    Path directory;

    @Test
    void whatAKilledProcessLeavesIsRight() throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        int found = 0;
        for (int round = 0; round < ROUNDS; round++) {
            Process victim = new ProcessBuilder(List.of(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "--enable-native-access=ALL-UNNAMED",
                            "-cp",
                            classPath(),
                            Victim.class.getName(),
                            directory.toString(),
                            Long.toString(random.nextLong())))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            int reads = 1 + random.nextInt(60);
            try (InputStream progress = victim.getInputStream()) {
                assertThat(progress.readNBytes(reads)).as("seed %d", seed).hasSize(reads);
            } finally {
                victim.destroyForcibly().waitFor();
            }
            found += readAll(seed, round);
        }
        assertThat(found).as("seed %d", seed).isPositive();
    }

    /** Where our classes and the libraries that the victim needs were loaded from, whoever runs this test. */
    private static String classPath() {
        return Stream.of(
                        CacheRig.class,
                        FileBlobCacheManager.class,
                        Logger.class,
                        Nullable.class,
                        LZ4Factory.class,
                        Zstd.class,
                        Awaitility.class,
                        Matcher.class,
                        Test.class)
                .map(type -> Path.of(URI.create(type.getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .toString()))
                        .toString())
                .collect(Collectors.joining(File.pathSeparator));
    }

    private int readAll(long seed, int round) throws Exception {
        RecordingOrigin origin = new RecordingOrigin(BLOB.stored);
        try (CacheRig rig = new CacheRig(directory)) {
            BlobCache cache = rig.open(BLOB, origin).cache();
            int ready = rig.manager.blobs().getFirst().readyChunks();
            for (int chunk = 0; chunk < BLOB.chunkCount(); chunk++) {
                assertThat(Arrays.equals(Reading.chunk(cache, BLOB, chunk), BLOB.plain[chunk]))
                        .as("seed %d, round %d, chunk %d", seed, round, chunk)
                        .isTrue();
            }
            rig.settle();
            assertThat(rig.stats.cacheCorruptions.sum())
                    .as("seed %d, round %d", seed, round)
                    .isZero();
            assertThat(rig.stats.chunksFetched.sum()).isEqualTo(BLOB.chunkCount() - ready);
            rig.manager.close();
            rig.files(BLOB).delete();
            return ready;
        }
    }

    /** Reads chunks at random until it is killed; a byte of output for each. */
    static final class Victim {

        private Victim() {}

        public static void main(String[] arguments) throws Exception {
            Random random = new Random(Long.parseLong(arguments[1]));
            try (CacheRig rig = new CacheRig(Path.of(arguments[0]))) {
                BlobCache cache = rig.open(BLOB, new RecordingOrigin(BLOB.stored), 256 << 10)
                        .cache();
                for (int i = 0; i < 1_000_000; i++) {
                    byte[] ignored = Reading.chunk(cache, BLOB, random.nextInt(BLOB.chunkCount()));
                    System.out.write('.');
                    System.out.flush();
                }
            }
        }
    }
}
