package io.rafsd.codec;

import io.rafsd.error.IntegrityFailure;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/**
 * AES-128-XTS (IEEE 1619) with one key and one tweak, as RAFS encrypts a blob: every chunk, the chunk table and its header
 * is a data unit of its own with the same tweak, whatever its length. The JDK has no XTS; this is its arithmetic over the
 * JDK's AES. Text shorter than a block, which XTS does not know, is padded to 18 bytes. Safe for many threads. Its text
 * shows nothing of the key.
 */
public final class AesXts {

    /** Bytes of a key, which is two of AES-128: one for the data, one for the tweak. */
    public static final int KEY_SIZE = 32;
    /** Bytes of a tweak. */
    public static final int TWEAK_SIZE = 16;

    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final int BLOCK = 16;
    /** Bytes that are encrypted at once; small enough to stay in the cache. */
    private static final int PIECE = 16 << 10;
    /** What follows padded text, so that its length is seen to be one of padding. */
    private static final byte[] PADDING_MARK = {0x78, (byte) 0x90};

    private static final int PADDED = BLOCK + PADDING_MARK.length;

    private final byte[] key;
    private final byte[] tweak;
    private final SecretKeySpec dataKey;
    private final long firstTweakLow;
    private final long firstTweakHigh;
    private final Pool<Cipher> encryptors = new Pool<>(() -> cipher(Cipher.ENCRYPT_MODE));
    private final Pool<Cipher> decryptors = new Pool<>(() -> cipher(Cipher.DECRYPT_MODE));

    /**
     * @param key {@link #KEY_SIZE} bytes; copied
     * @param tweak {@link #TWEAK_SIZE} bytes
     */
    public AesXts(byte[] key, byte[] tweak) {
        if (key.length != KEY_SIZE || tweak.length != TWEAK_SIZE) {
            throw new IllegalArgumentException("AES-128-XTS takes a key of " + KEY_SIZE + " and a tweak of "
                    + TWEAK_SIZE + " bytes, not " + key.length + " and " + tweak.length);
        }
        this.key = key.clone();
        this.tweak = tweak.clone();
        byte[] first = Arrays.copyOf(key, BLOCK);
        byte[] second = Arrays.copyOfRange(key, BLOCK, KEY_SIZE);
        if (Arrays.equals(first, second)) {
            // XTS is weak with equal halves; builders replace the first, readers must as well.
            Arrays.fill(first, (byte) (second[0] == (byte) 0xA5 ? 0x5A : 0xA5));
        }
        dataKey = new SecretKeySpec(first, "AES");
        try {
            Cipher cipher = Cipher.getInstance("AES/ECB/NoPadding");
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(second, "AES"));
            MemorySegment encrypted = MemorySegment.ofArray(cipher.doFinal(tweak));
            firstTweakLow = encrypted.get(WORD, 0);
            firstTweakHigh = encrypted.get(WORD, 8);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES", e);
        }
    }

    private Cipher cipher(int mode) {
        try {
            Cipher cipher = Cipher.getInstance("AES/ECB/NoPadding");
            cipher.init(mode, dataKey);
            return cipher;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES", e);
        }
    }

    /** A copy, for the one place that stores it: the blob table. */
    public byte[] key() {
        return key.clone();
    }

    public byte[] tweak() {
        return tweak.clone();
    }

    /** Bytes that {@link #encrypt} writes for so many. */
    public static int encryptedSize(int plainSize) {
        return plainSize > 0 && plainSize < BLOCK ? PADDED : plainSize;
    }

    /**
     * Encrypts all of {@code plain} as one data unit to the start of {@code encrypted}.
     *
     * @return the bytes written, {@link #encryptedSize}
     */
    public int encrypt(MemorySegment plain, MemorySegment encrypted) {
        int size = Math.toIntExact(plain.byteSize());
        byte[] bytes = plain.toArray(ValueLayout.JAVA_BYTE);
        if (size > 0 && size < BLOCK) {
            bytes = pad(bytes);
        }
        Cipher cipher = encryptors.take();
        try {
            new DataUnit(bytes, cipher, true).run();
        } finally {
            encryptors.give(cipher);
        }
        MemorySegment.copy(bytes, 0, encrypted, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return bytes.length;
    }

    /**
     * Decrypts all of {@code encrypted} as one data unit to the start of {@code plain}, which has room for as much.
     *
     * @return the bytes written: fewer than there were if they were padded
     * @throws IntegrityFailure if it is shorter than anything that XTS makes
     */
    public int decrypt(MemorySegment encrypted, MemorySegment plain) throws IntegrityFailure {
        int size = Math.toIntExact(encrypted.byteSize());
        if (size > 0 && size < BLOCK) {
            throw new IntegrityFailure(
                    size + " bytes are not encrypted by AES-XTS, which makes no fewer than " + BLOCK);
        }
        byte[] bytes = encrypted.toArray(ValueLayout.JAVA_BYTE);
        Cipher cipher = decryptors.take();
        try {
            new DataUnit(bytes, cipher, false).run();
        } finally {
            decryptors.give(cipher);
        }
        int length = unpaddedLength(bytes);
        MemorySegment.copy(bytes, 0, plain, ValueLayout.JAVA_BYTE, 0, length);
        return length;
    }

    private static byte[] pad(byte[] text) {
        byte[] padded = Arrays.copyOf(text, PADDED);
        Arrays.fill(padded, text.length, BLOCK, (byte) (BLOCK - text.length));
        System.arraycopy(PADDING_MARK, 0, padded, BLOCK, PADDING_MARK.length);
        return padded;
    }

    private static int unpaddedLength(byte[] bytes) {
        if (bytes.length == PADDED
                && bytes[BLOCK] == PADDING_MARK[0]
                && bytes[BLOCK + 1] == PADDING_MARK[1]
                && bytes[BLOCK - 1] > 0
                && bytes[BLOCK - 1] < BLOCK) {
            return BLOCK - bytes[BLOCK - 1];
        }
        return bytes.length;
    }

    @Override
    public String toString() {
        return "AES-128-XTS";
    }

    /** One data unit on its way through the cipher, in place. */
    private final class DataUnit {

        private final byte[] bytes;
        private final MemorySegment segment;
        private final Cipher cipher;
        private final boolean encrypting;
        private long low = firstTweakLow;
        private long high = firstTweakHigh;

        DataUnit(byte[] bytes, Cipher cipher, boolean encrypting) {
            this.bytes = bytes;
            this.segment = MemorySegment.ofArray(bytes);
            this.cipher = cipher;
            this.encrypting = encrypting;
        }

        void run() {
            int rest = bytes.length % BLOCK;
            // With a rest, the last whole block is dealt with together with it.
            int whole = bytes.length - rest - (rest == 0 ? 0 : BLOCK);
            for (int at = 0; at < whole; at += PIECE) {
                blocks(at, Math.min(PIECE, whole - at));
            }
            if (rest > 0) {
                steal(whole, rest);
            }
        }

        private void blocks(int at, int length) {
            long startLow = low;
            long startHigh = high;
            mask(at, length);
            crypt(at, length);
            low = startLow;
            high = startHigh;
            mask(at, length);
        }

        /** Combines blocks with their tweaks, each of which is the one before times x. */
        private void mask(int at, int length) {
            for (int i = at; i < at + length; i += BLOCK) {
                maskOne(i);
                advance();
            }
        }

        private void maskOne(int at) {
            segment.set(WORD, at, segment.get(WORD, at) ^ low);
            segment.set(WORD, at + 8L, segment.get(WORD, at + 8L) ^ high);
        }

        private void advance() {
            long carry = high >> 63;
            high = high << 1 | low >>> 63;
            low = low << 1 ^ carry & 0x87;
        }

        private void crypt(int at, int length) {
            try {
                cipher.doFinal(bytes, at, length, bytes, at);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("AES of whole blocks cannot fail", e);
            }
        }

        /** The last whole block and the rest: the rest borrows what it lacks from the block's result. */
        private void steal(int at, int rest) {
            long beforeLow = low;
            long beforeHigh = high;
            if (!encrypting) {
                advance();
            }
            one(at);
            for (int i = 0; i < rest; i++) {
                byte lent = bytes[at + i];
                bytes[at + i] = bytes[at + BLOCK + i];
                bytes[at + BLOCK + i] = lent;
            }
            if (encrypting) {
                advance();
            } else {
                low = beforeLow;
                high = beforeHigh;
            }
            one(at);
        }

        private void one(int at) {
            maskOne(at);
            crypt(at, BLOCK);
            maskOne(at);
        }
    }
}
