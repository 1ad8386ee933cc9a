package io.rafsd.fuse.protocol;

/**
 * What kernel and server agree on at INIT, as one 64-bit set.
 *
 * @see <a href="https://github.com/torvalds/linux/blob/master/include/uapi/linux/fuse.h">linux/fuse.h, FUSE_INIT flags</a>
 */
public final class InitFlags {

    public static final long ASYNC_READ = 1L;
    public static final long DO_READDIRPLUS = 1L << 13;
    public static final long READDIRPLUS_AUTO = 1L << 14;
    public static final long NO_OPEN_SUPPORT = 1L << 17;
    public static final long PARALLEL_DIROPS = 1L << 18;
    public static final long MAX_PAGES = 1L << 22;
    public static final long CACHE_SYMLINKS = 1L << 23;
    public static final long NO_OPENDIR_SUPPORT = 1L << 24;
    public static final long EXPLICIT_INVAL_DATA = 1L << 25;
    /** The upper half of the flags is there. */
    public static final long INIT_EXT = 1L << 30;

    public static final long HAS_RESEND = 1L << 39;

    private InitFlags() {}
}
