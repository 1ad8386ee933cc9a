package io.rafsd.stats;

/** Classes of sizes in bytes, those that nydusd reports by: below 1, 4, 16, 64, 128, 512, 1024 KiB, and the larger ones. */
public final class Sizes {

    public static final int CLASSES = 8;

    private Sizes() {}

    public static int classOf(long bytes) {
        long kib = bytes >> 10;
        if (kib < 4) {
            return kib < 1 ? 0 : 1;
        }
        if (kib < 64) {
            return kib < 16 ? 2 : 3;
        }
        if (kib < 512) {
            return kib < 128 ? 4 : 5;
        }
        return kib < 1024 ? 6 : 7;
    }
}
