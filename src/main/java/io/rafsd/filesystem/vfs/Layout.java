package io.rafsd.filesystem.vfs;

import java.util.List;

/**
 * The numbers of a {@link Vfs}: with them and the mounted filesystems, a successor shows every inode that a kernel
 * remembers under the same number.
 *
 * @param mounts by index
 * @param directories that lead to them, without the root
 * @param nextDirectory number of the directory that is made next
 * @param nextIndex that is tried first for the next mount
 */
public record Layout(List<Place> mounts, List<PseudoDirectory> directories, long nextDirectory, int nextIndex) {

    /**
     * Where a filesystem is shown.
     *
     * @param index 1 to 255
     * @param generation of its inodes
     */
    public record Place(String path, int index, long generation) {}

    /** A directory that leads to mounts. */
    public record PseudoDirectory(long ino, long parent, String name) {}
}
