package io.rafsd.rafs.layout;

import io.rafsd.codec.Compression;
import io.rafsd.codec.DigestAlgorithm;

/** Flags of a RAFS superblock, v5 and v6 (RAFS format, section 0.1). */
public final class SuperblockFlags {

    public static final long COMPRESSION_NONE = 0x1;
    public static final long COMPRESSION_LZ4 = 0x2;
    public static final long HASH_BLAKE3 = 0x4;
    public static final long HASH_SHA256 = 0x8;
    public static final long EXPLICIT_UID_GID = 0x10;
    public static final long HAS_XATTR = 0x20;
    public static final long COMPRESSION_GZIP = 0x40;
    public static final long COMPRESSION_ZSTD = 0x80;
    public static final long INLINED_CHUNK_DIGEST = 0x100;
    public static final long TARTFS_MODE = 0x200;
    public static final long ENCRYPTION_NONE = 0x0100_0000;
    public static final long ENCRYPTION_AES_128_XTS = 0x0200_0000;
    /** Reserved bits that readers accept. */
    public static final long PRESERVED_COMPAT = 0xFC00_0000L;

    public static final long COMPRESSIONS = COMPRESSION_NONE | COMPRESSION_LZ4 | COMPRESSION_GZIP | COMPRESSION_ZSTD;
    public static final long HASHES = HASH_BLAKE3 | HASH_SHA256;
    public static final long KNOWN = 0x3FF | ENCRYPTION_NONE | ENCRYPTION_AES_128_XTS | PRESERVED_COMPAT;

    private SuperblockFlags() {}

    /** The flag of a compression. */
    public static long of(Compression compression) {
        return switch (compression) {
            case NONE -> COMPRESSION_NONE;
            case LZ4_BLOCK -> COMPRESSION_LZ4;
            case GZIP -> COMPRESSION_GZIP;
            case ZSTD -> COMPRESSION_ZSTD;
        };
    }

    /** The flag of a digest algorithm. */
    public static long of(DigestAlgorithm digester) {
        return switch (digester) {
            case BLAKE3 -> HASH_BLAKE3;
            case SHA256 -> HASH_SHA256;
        };
    }
}
