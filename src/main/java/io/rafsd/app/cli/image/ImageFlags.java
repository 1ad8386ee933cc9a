package io.rafsd.app.cli.image;

import io.rafsd.codec.Compression;
import io.rafsd.rafs.layout.SuperblockFlags;
import io.rafsd.rafs.metadata.RafsMetadata;

/** What an image's superblock says, for people. */
final class ImageFlags {

    private ImageFlags() {}

    /** Images that name none are compressed by lz4. */
    static Compression compressor(RafsMetadata metadata) {
        for (Compression compression : Compression.values()) {
            if ((metadata.flags() & SuperblockFlags.of(compression)) != 0) {
                return compression;
            }
        }
        return Compression.LZ4_BLOCK;
    }
}
