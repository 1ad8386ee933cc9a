package io.rafsd.codec;

import java.lang.foreign.MemorySegment;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** How chunks are digested; the number is the one RAFS stores. Safe for many threads. */
public enum DigestAlgorithm {
    BLAKE3(0),
    SHA256(1);

    private final int number;

    DigestAlgorithm(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }

    /** The digest of all bytes of {@code data}. Allocates little; blocks on nothing. */
    public Digest digest(MemorySegment data) {
        if (this == BLAKE3) {
            throw new IllegalStateException("the codec room is being built: " + this);
        }
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update(data.asByteBuffer());
            return Digest.of(sha256.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
