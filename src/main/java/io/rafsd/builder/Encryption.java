package io.rafsd.builder;

import io.rafsd.codec.AesXts;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/** Encrypts what a blob stores, each piece by itself (RAFS format, section 3.8); or leaves it as it is. For one thread. */
final class Encryption {

    private final @Nullable AesXts cipher;
    private MemorySegment room = Arena.ofAuto().allocate(1);

    private Encryption(@Nullable AesXts cipher) {
        this.cipher = cipher;
    }

    static Encryption none() {
        return new Encryption(null);
    }

    /** With a key of its own, so no two builds give the same bytes. */
    static Encryption random() {
        byte[] key = new byte[AesXts.KEY_SIZE];
        byte[] tweak = new byte[AesXts.TWEAK_SIZE];
        SecureRandom random = new SecureRandom();
        random.nextBytes(key);
        random.nextBytes(tweak);
        return new Encryption(new AesXts(key, tweak));
    }

    boolean isOn() {
        return cipher != null;
    }

    @Nullable
    AesXts cipher() {
        return cipher;
    }

    /** What is to be stored; valid until the next call. */
    MemorySegment apply(MemorySegment plain) {
        if (cipher == null) {
            return plain;
        }
        int size = AesXts.encryptedSize((int) plain.byteSize());
        if (room.byteSize() < size) {
            room = Arena.ofAuto().allocate(size);
        }
        return room.asSlice(0, cipher.encrypt(plain, room));
    }
}
