package io.rafsd.linux;

import io.rafsd.error.PosixError;
import java.lang.foreign.Arena;

/**
 * What {@code statx(2)} says of an open file. Inode, device and birth together tell a file from another that took its
 * name later. Birth is 0 where the file system keeps none.
 *
 * @param inode number
 * @param device major number in the upper, minor in the lower 32 bits
 * @param birthSeconds since 1970
 * @param birthNanos of that second
 * @param sizeBytes logical
 * @param diskBytes that its blocks take
 * @see <a href="https://man7.org/linux/man-pages/man2/statx.2.html">statx(2)</a>
 */
public record FileFacts(long inode, long device, long birthSeconds, int birthNanos, long sizeBytes, long diskBytes) {

    public static FileFacts of(Fd file) throws PosixError {
        try (Arena arena = Arena.ofConfined()) {
            Statx statx = Statx.ask(arena, file.number(), arena.allocateFrom(""), Statx.AT_EMPTY_PATH, file.toString());
            return new FileFacts(
                    statx.inode(),
                    statx.fileSystem(),
                    statx.birthSeconds(),
                    statx.birthNanos(),
                    statx.size(),
                    statx.diskBytes());
        }
    }
}
