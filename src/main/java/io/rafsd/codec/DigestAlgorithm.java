package io.rafsd.codec;

import java.lang.foreign.MemorySegment;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.jspecify.annotations.Nullable;

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

    /** The algorithm with this number, or null if there is none. */
    public static @Nullable DigestAlgorithm of(int number) {
        return switch (number) {
            case 0 -> BLAKE3;
            case 1 -> SHA256;
            default -> null;
        };
    }

    /** The digest of all bytes of {@code data}. Allocates little; blocks on nothing. */
    public Digest digest(MemorySegment data) {
        return switch (this) {
            case BLAKE3 -> Blake3.digest(data);
            case SHA256 -> sha256(data);
        };
    }

    /** Says that about so many bytes will be digested soon, so that what has to warm up may begin. Returns at once. */
    public void expect(long bytes) {
        if (this == BLAKE3) {
            Blake3.expect(bytes);
        }
    }

    private static Digest sha256(MemorySegment data) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(data.asByteBuffer());
            return Digest.of(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
