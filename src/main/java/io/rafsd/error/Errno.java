package io.rafsd.error;

/**
 * Error numbers of Linux that we answer or meet, with the text that {@code strerror} gives them.
 *
 * @see <a href="https://man7.org/linux/man-pages/man3/errno.3.html">errno(3)</a>
 */
public enum Errno {
    EPERM(1, "Operation not permitted"),
    ENOENT(2, "No such file or directory"),
    EINTR(4, "Interrupted system call"),
    EIO(5, "Input/output error"),
    EBADF(9, "Bad file descriptor"),
    EAGAIN(11, "Resource temporarily unavailable"),
    ENOMEM(12, "Cannot allocate memory"),
    EACCES(13, "Permission denied"),
    EFAULT(14, "Bad address"),
    ENOTBLK(15, "Block device required"),
    EBUSY(16, "Device or resource busy"),
    EEXIST(17, "File exists"),
    EXDEV(18, "Invalid cross-device link"),
    ENODEV(19, "No such device"),
    ENOTDIR(20, "Not a directory"),
    EISDIR(21, "Is a directory"),
    EINVAL(22, "Invalid argument"),
    EMFILE(24, "Too many open files"),
    EFBIG(27, "File too large"),
    ENOSPC(28, "No space left on device"),
    EROFS(30, "Read-only file system"),
    ERANGE(34, "Numerical result out of range"),
    ENAMETOOLONG(36, "File name too long"),
    ENOSYS(38, "Function not implemented"),
    ELOOP(40, "Too many levels of symbolic links"),
    ENODATA(61, "No data available"),
    EILSEQ(84, "Invalid or incomplete multibyte or wide character"),
    EOPNOTSUPP(95, "Operation not supported"),
    ECONNABORTED(103, "Software caused connection abort"),
    ENOTCONN(107, "Transport endpoint is not connected"),
    ETIMEDOUT(110, "Connection timed out"),
    ECONNREFUSED(111, "Connection refused"),
    EDQUOT(122, "Disk quota exceeded"),
    /** Any number that has no name here. */
    UNKNOWN(-1, "Unknown error");

    private static final Errno[] BY_NUMBER = new Errno[256];

    static {
        for (Errno errno : values()) {
            if (errno.number >= 0) {
                BY_NUMBER[errno.number] = errno;
            }
        }
    }

    private final int number;
    private final String text;

    Errno(int number, String text) {
        this.number = number;
        this.text = text;
    }

    /** The name of a kernel error number, or {@link #UNKNOWN}. */
    public static Errno of(int number) {
        Errno known = number >= 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : null;
        return known == null ? UNKNOWN : known;
    }

    /** The positive kernel number; {@link #EIO}'s for {@link #UNKNOWN}, so that a reply always carries a legal one. */
    public int number() {
        return number > 0 ? number : EIO.number;
    }

    public String text() {
        return text;
    }
}
