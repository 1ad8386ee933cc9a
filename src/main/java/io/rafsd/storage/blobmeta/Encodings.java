package io.rafsd.storage.blobmeta;

import io.rafsd.blob.BlobInfo;
import io.rafsd.blob.Encoding;

/** Which encoding the flags of a chunk mean. */
final class Encodings {

    private static final Encoding RAW = new Encoding.Raw();

    private Encodings() {}

    static Encoding of(BlobInfo blob, boolean compressed, boolean encrypted) {
        Encoding plain = compressed ? new Encoding.Compressed(blob.compressor()) : RAW;
        return encrypted && blob.cipher() != null ? new Encoding.Encrypted(blob.cipher(), plain) : plain;
    }
}
