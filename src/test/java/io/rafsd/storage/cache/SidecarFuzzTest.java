package io.rafsd.storage.cache;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.rafsd.linux.FileFacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/** Whatever lies where our record of a cache file should: it is believed or begun anew, and can be written either way. */
class SidecarFuzzTest {

    private static final int CHUNKS = 5;
    private static final FileFacts DATA = new FileFacts(1, 2, 3, 4, 5, 6);
    private static final UUID BOOT = new UUID(7, 8);

    /** @param bytes laid over the header of a true one; if the first of them is odd, the whole file */
    @FuzzTest
    void anyFileIsBelievedOrBegunAnew(byte[] bytes) throws IOException {
        Path directory = Files.createTempDirectory("sidecar");
        Path file = directory.resolve("sidecar");
        try {
            Files.write(file, content(file, bytes));
            try (Sidecar sidecar = Sidecar.open(file, CHUNKS, DATA, BOOT)) {
                sidecar.record(CHUNKS - 1, 0x1234, null);
                assertThat(sidecar.hasRecord(CHUNKS - 1, 0x1234, null)).isTrue();
                assertThat(sidecar.hasRecord(CHUNKS - 1, 0x1235, null)).isFalse();
            }
            assertThat(Files.size(file)).isEqualTo(4096 + CHUNKS * 16);
            assertThat(directory).isDirectoryContaining(file::equals);
        } finally {
            Files.deleteIfExists(file);
            Files.delete(directory);
        }
    }

    private static byte[] content(Path file, byte[] bytes) throws IOException {
        if (bytes.length > 0 && (bytes[0] & 1) == 1) {
            return bytes;
        }
        Sidecar.open(file, CHUNKS, DATA, BOOT).close();
        byte[] whole = Files.readAllBytes(file);
        System.arraycopy(bytes, 0, whole, 0, Math.min(bytes.length, whole.length));
        return whole;
    }
}
