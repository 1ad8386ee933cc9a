package io.rafsd.upgrade;

/** CRC-64/Jones: polynomial 0xAD93D23594C935A9, reflected, starting with 0, nothing xored at the end. */
final class Crc64 {

    private static final long REFLECTED = 0x95AC_9329_AC4B_C9B5L;
    private static final long[] TABLE = new long[256];

    static {
        for (int i = 0; i < TABLE.length; i++) {
            long crc = i;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) == 0 ? crc >>> 1 : crc >>> 1 ^ REFLECTED;
            }
            TABLE[i] = crc;
        }
    }

    private Crc64() {}

    static long of(byte[] bytes, int offset, int length) {
        long crc = 0;
        for (int i = offset; i < offset + length; i++) {
            crc = crc >>> 8 ^ TABLE[(int) (crc ^ bytes[i]) & 0xFF];
        }
        return crc;
    }
}
