package io.rafsd.fuse.protocol;

/**
 * What was agreed at INIT. A process that takes a connection over never sees INIT, so this is what it must be told.
 *
 * @param minor version of the protocol, the smaller of the kernel's and ours
 * @param offered flags of {@link InitFlags} that the kernel knows
 * @param flags those both sides know
 * @param maxReadAhead bytes, as the kernel offered
 */
public record InitFacts(int minor, long offered, long flags, int maxReadAhead) {

    public static final int MAJOR = 7;
    /** The newest minor version whose messages we know. */
    public static final int NEWEST_MINOR = 45;
    /** Requests the kernel keeps under way in the background: read-ahead mostly. */
    public static final int MAX_BACKGROUND = 64;

    public static final int CONGESTION_THRESHOLD = 48;
    /** Nobody writes; the smallest value the kernel takes. */
    public static final int MAX_WRITE = 4096;
    /** Pages of the largest read: 1 MiB. */
    public static final int MAX_PAGES = 256;

    /** Bytes of the largest read. */
    public static final int MAX_READ = MAX_PAGES * 4096;

    private static final long WANTED = InitFlags.ASYNC_READ
            | InitFlags.DO_READDIRPLUS
            | InitFlags.READDIRPLUS_AUTO
            | InitFlags.PARALLEL_DIROPS
            | InitFlags.MAX_PAGES
            | InitFlags.CACHE_SYMLINKS
            | InitFlags.EXPLICIT_INVAL_DATA
            | InitFlags.INIT_EXT
            | InitFlags.HAS_RESEND;

    /** The answer to what the kernel offers. */
    public static InitFacts negotiate(int minor, long offered, int maxReadAhead, boolean noOpen) {
        long wanted = noOpen ? WANTED | InitFlags.NO_OPEN_SUPPORT | InitFlags.NO_OPENDIR_SUPPORT : WANTED;
        return new InitFacts(Math.min(minor, NEWEST_MINOR), offered, offered & wanted, maxReadAhead);
    }

    public boolean has(long flag) {
        return (flags & flag) != 0;
    }
}
