package io.rafsd.builder;

import io.rafsd.error.Errno;
import io.rafsd.error.InvalidRequest;
import io.rafsd.error.PosixError;
import io.rafsd.linux.Fd;
import io.rafsd.linux.FileStatus;
import io.rafsd.linux.RawPath;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads files of a directory tree, and notices when they are not what the scan saw. Safe for many threads. */
record FileReader(SourceTree tree) {

    /** Fills {@code target} from the file of an entry. */
    void read(Entry entry, long offset, MemorySegment target) throws IOException {
        RawPath path = tree.path(entry);
        FileStatus before = Objects.requireNonNull(entry.data().source());
        // Not to hang if a pipe has taken the file's name since the scan.
        try (Fd fd = path.open(Fd.O_RDONLY | Fd.O_NOFOLLOW | Fd.O_NONBLOCK)) {
            fd.preadFully(target, offset);
            FileStatus now = FileStatus.of(fd);
            if (now.size() != before.size()
                    || now.inode() != before.inode()
                    || now.modifiedSeconds() != before.modifiedSeconds()
                    || now.modifiedNanos() != before.modifiedNanos()) {
                throw changed(path, "changed", null);
            }
        } catch (EOFException e) {
            throw changed(path, "shrank", e);
        } catch (PosixError e) {
            throw e.errno() == Errno.ENOENT ? changed(path, "vanished", e) : e;
        }
    }

    private static InvalidRequest changed(RawPath path, String how, @Nullable Throwable cause) {
        return new InvalidRequest(
                path + " " + how + " while the image was built from it; build from a tree that nobody writes to",
                cause);
    }
}
