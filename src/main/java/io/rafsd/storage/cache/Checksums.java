package io.rafsd.storage.cache;

import java.lang.foreign.MemorySegment;
import java.util.zip.CRC32C;

/** CRC-32C, which runs at tens of gigabytes a second. */
final class Checksums {

    private Checksums() {}

    static int crc32c(MemorySegment bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.asByteBuffer());
        return (int) crc.getValue();
    }
}
