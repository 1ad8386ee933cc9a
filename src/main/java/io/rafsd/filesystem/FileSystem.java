package io.rafsd.filesystem;

import io.rafsd.error.PosixError;
import io.rafsd.stats.FileSystemStats;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A read-only filesystem, as every transport asks it. Inodes are named by their number; names and link targets are raw
 * bytes without terminator. Safe for many threads. Only {@link #read} may need the network, and it answers later then;
 * every other operation answers at once from local metadata.
 *
 * <p>Failures are {@link IOException}s: a {@link PosixError} carries its own errno, every other kind is mapped by the
 * transport.
 */
public interface FileSystem extends AutoCloseable {

    /** Number of the root directory. */
    long rootIno();

    /**
     * Finds a name in a directory and fills {@code found}. {@code .} and, in the root, {@code ..} are the transport's.
     *
     * @return false if there is no such name
     * @throws PosixError ENOTDIR if {@code parent} is no directory
     */
    boolean lookup(long parent, MemorySegment name, Attributes found) throws IOException;

    /** Whether a missing name may be remembered by the kernel as missing; false where names appear later. */
    boolean remembersAbsence(long parent);

    /** @throws PosixError ENOENT if there is no such inode */
    void attributes(long ino, Attributes found) throws IOException;

    /** The target of a symbolic link, 1 to 4096 bytes; valid until the filesystem is closed. */
    MemorySegment readLink(long ino) throws IOException;

    /**
     * Reads up to {@code size} bytes from {@code offset}; fewer only at the end of the file. The answer goes to
     * {@code reply}, now or later, on this thread or another, exactly once; nothing is thrown.
     */
    void read(long ino, long offset, int size, ReadReply reply);

    /**
     * Hands out the entries of a directory, {@code .} and {@code ..} included, from {@code cookie} on (0: the first)
     * until the sink is full or the directory ends. A cookie stays valid for the life of the filesystem.
     */
    void readDirectory(long ino, long cookie, DirectorySink sink) throws IOException;

    /** The value of an extended attribute, or null if it is not set; valid until the filesystem is closed. */
    @Nullable
    MemorySegment extendedAttribute(long ino, MemorySegment name) throws IOException;

    /** The names of an inode's extended attributes, each followed by a NUL byte; empty if it has none. */
    byte[] extendedAttributeNames(long ino) throws IOException;

    /** False if no inode of this filesystem has an extended attribute, so that the kernel need not ask again. */
    boolean hasExtendedAttributes();

    StatFs statFs();

    /** Whether the kernel passes reads of this file on as they come and keeps nothing of them. */
    default boolean bypassesPageCache(long ino) {
        return false;
    }

    /** The number by which the kernel knows an inode, where that is not the inode's own. */
    default long nodeOf(long ino) {
        return ino;
    }

    /** The inode that the kernel knows by this number; one that does not exist if none is. */
    default long inodeOf(long node) {
        return node;
    }

    /** Where requests for an inode are counted; null where it belongs to no mount of its own. */
    default @Nullable FileSystemStats stats(long ino) {
        return null;
    }

    /**
     * Whom to tell that a name has come to mean something else, so that a kernel which remembers it can be made to forget.
     * A filesystem whose names never change tells nobody.
     */
    default void onNameChange(NameListener listener) {}

    /** Frees what the filesystem holds. The transport has drained before. */
    @Override
    void close();

    /**
     * What {@code statfs} shows.
     *
     * @param files inodes in the filesystem
     * @param blocks of 4096 bytes that its files have together
     */
    record StatFs(long files, long blocks) {}

    /** Hears of names that changed. */
    @FunctionalInterface
    interface NameListener {

        /**
         * @param parent directory that held the name
         * @param name raw bytes
         */
        void nameChanged(long parent, MemorySegment name);
    }

    /** Takes directory entries until it is full. */
    interface DirectorySink {

        /**
         * @param name raw bytes, valid during the call
         * @param ino of the entry
         * @param type type bits as in {@link Attributes#mode}
         * @param nextCookie where reading goes on after this entry
         * @return false if the entry did not fit: it was not taken, and no more fit
         */
        boolean entry(MemorySegment name, long ino, int type, long nextCookie) throws IOException;
    }
}
