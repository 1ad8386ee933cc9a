package io.rafsd.filesystem.vfs;

import io.rafsd.error.AlreadyExists;
import io.rafsd.error.Errno;
import io.rafsd.error.InvalidRequest;
import io.rafsd.error.NotFound;
import io.rafsd.error.PosixError;
import io.rafsd.filesystem.Attributes;
import io.rafsd.filesystem.vfs.Layout.PseudoDirectory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The directories that lead to mount points. They are made when something is mounted below them and stay: a kernel that
 * remembers them is never wrong. Changed by one thread at a time, read by many without a lock.
 */
final class PseudoTree {

    static final long ROOT = 1;

    private final Map<Long, Directory> directories = new ConcurrentHashMap<>();
    private long lastIno = ROOT;
    private long lastCookie;
    private int mounts;

    PseudoTree() {
        directories.put(ROOT, new Directory(ROOT, new ConcurrentHashMap<>()));
    }

    /**
     * A tree of directories that have their numbers already.
     *
     * @throws InvalidRequest if they are no tree
     */
    static PseudoTree of(List<PseudoDirectory> known, long nextIno) throws InvalidRequest {
        PseudoTree tree = new PseudoTree();
        List<PseudoDirectory> ascending = new ArrayList<>(known);
        ascending.sort(Comparator.comparingLong(PseudoDirectory::ino));
        for (PseudoDirectory one : ascending) {
            Directory parent = tree.directories.get(one.parent());
            if (parent == null || one.ino() <= tree.lastIno || one.ino() >= nextIno) {
                throw new InvalidRequest("saved directory '" + one.name() + "' has number " + one.ino() + " and parent "
                        + one.parent() + ", which makes no tree below " + nextIno);
            }
            tree.lastIno = one.ino() - 1;
            tree.addDirectory(parent, one.name());
        }
        tree.lastIno = Math.max(tree.lastIno, nextIno - 1);
        return tree;
    }

    /** All but the root, in the order of making. */
    List<PseudoDirectory> list() {
        List<PseudoDirectory> found = new ArrayList<>();
        for (Directory directory : directories.values()) {
            for (Map.Entry<String, Child> child : directory.children.entrySet()) {
                if (child.getValue().index == 0) {
                    String name =
                            new String(child.getValue().name.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
                    found.add(new PseudoDirectory(child.getValue().ino, directory.ino, name));
                }
            }
        }
        found.sort(Comparator.comparingLong(PseudoDirectory::ino));
        return List.copyOf(found);
    }

    /** Number of the directory that is made next. */
    long nextIno() {
        return lastIno + 1;
    }

    /**
     * A name in a pseudo directory.
     *
     * @param name raw bytes
     * @param ino of the pseudo directory it names; of no meaning if {@code index} is not 0
     * @param index of the mount it names, 0 if it names a pseudo directory
     * @param cookie ascending in the order of making
     */
    record Child(MemorySegment name, long ino, int index, long cookie) {}

    /**
     * Where a mount was.
     *
     * @param parent directory that held its name
     * @param name raw bytes
     * @param index it had
     */
    record Place(long parent, MemorySegment name, int index) {

        private String key() {
            return PseudoTree.key(name);
        }
    }

    private record Directory(long ino, Map<String, Child> children) {}

    boolean hasMounts() {
        return mounts > 0;
    }

    void attach(String path, int index) throws AlreadyExists {
        String[] names = path.substring(1).split("/", -1);
        Directory directory = root();
        for (int i = 0; i < names.length - 1; i++) {
            Child child = directory.children.get(key(names[i]));
            if (child != null && child.index != 0) {
                throw new AlreadyExists("a filesystem mounted above " + path + " would hide it");
            }
            directory = child == null ? addDirectory(directory, names[i]) : directory(child.ino);
        }
        String last = names[names.length - 1];
        Child there = directory.children.get(key(last));
        if (there != null && there.index != 0) {
            throw new AlreadyExists("something is mounted at " + path + " already");
        }
        if (there != null && leadsToMount(directory(there.ino))) {
            throw new AlreadyExists("filesystems are mounted below " + path + ", and a mount there would hide them");
        }
        directory.children.put(key(last), new Child(bytes(last), 0, index, ++lastCookie));
        mounts++;
    }

    Place detach(String path) throws NotFound {
        Place place = find(path);
        directory(place.parent).children.remove(place.key());
        mounts--;
        return place;
    }

    /** Where a mount is. */
    Place find(String path) throws NotFound {
        String[] names = path.substring(1).split("/", -1);
        Directory directory = root();
        for (int i = 0; i < names.length - 1; i++) {
            Child child = directory.children.get(key(names[i]));
            if (child == null || child.index != 0) {
                throw new NotFound("nothing is mounted at " + path);
            }
            directory = directory(child.ino);
        }
        Child child = directory.children.get(key(names[names.length - 1]));
        if (child == null || child.index == 0) {
            throw new NotFound("nothing is mounted at " + path);
        }
        return new Place(directory.ino, child.name, child.index);
    }

    @Nullable
    Child child(long directory, MemorySegment name) throws PosixError {
        return existing(directory).children.get(key(name));
    }

    List<Child> children(long directory) throws PosixError {
        List<Child> children = new ArrayList<>(existing(directory).children.values());
        children.sort(Comparator.comparingLong(Child::cookie));
        return children;
    }

    /** Those that nydusd shows: nobody owns them, and a link count of 0 says that links are not counted. */
    void attributes(long ino, Attributes found) throws PosixError {
        existing(ino);
        found.ino = ino;
        found.mode = Attributes.DIRECTORY | 0777;
        found.nlink = 0;
        found.uid = 0;
        found.gid = 0;
        found.rdev = 0;
        found.size = 0;
        found.blocks = 0;
        found.blockSize = 4096;
        Instant now = Instant.now();
        found.mtimeSeconds = now.getEpochSecond();
        found.mtimeNanos = now.getNano();
        found.generation = 0;
    }

    private Directory addDirectory(Directory parent, String name) {
        long ino = ++lastIno;
        Directory made = new Directory(ino, new ConcurrentHashMap<>());
        directories.put(ino, made);
        parent.children.put(key(name), new Child(bytes(name), ino, 0, ++lastCookie));
        return made;
    }

    private boolean leadsToMount(Directory directory) {
        for (Child child : directory.children.values()) {
            if (child.index != 0 || leadsToMount(directory(child.ino))) {
                return true;
            }
        }
        return false;
    }

    private Directory root() {
        return directory(ROOT);
    }

    private Directory directory(long ino) {
        return Objects.requireNonNull(directories.get(ino));
    }

    private Directory existing(long ino) throws PosixError {
        Directory directory = directories.get(ino);
        if (directory == null) {
            throw new PosixError(Errno.ENOENT, "no directory has the inode number " + ino);
        }
        return directory;
    }

    private static MemorySegment bytes(String name) {
        return MemorySegment.ofArray(name.getBytes(StandardCharsets.UTF_8));
    }

    private static String key(MemorySegment name) {
        return new String(name.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1);
    }

    /** Names are compared as bytes; a text of one character a byte can be a key. */
    private static String key(String name) {
        return new String(name.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }
}
