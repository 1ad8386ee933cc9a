package io.rafsd.builder;

import io.rafsd.codec.Compression;
import io.rafsd.codec.DigestAlgorithm;

/**
 * What a bootstrap states of the image as a whole.
 *
 * @param version of the format
 * @param chunkSize bytes
 * @param compression of most chunks; each blob states its own in v6
 * @param digester of chunks, and in v5 of inodes
 * @param owners whether it states who owns its files
 */
record ImageFormat(
        FsVersion version, int chunkSize, Compression compression, DigestAlgorithm digester, boolean owners) {

    static ImageFormat of(BuildOptions options) {
        return new ImageFormat(
                options.version(), options.chunkSize(), options.compression(), options.digester(), options.owners());
    }
}
