package io.rafsd.filesystem.vfs;

import io.rafsd.error.AlreadyExists;
import io.rafsd.error.Errno;
import io.rafsd.error.InvalidRequest;
import io.rafsd.error.NotFound;
import io.rafsd.error.PosixError;
import io.rafsd.error.Unsupported;
import io.rafsd.filesystem.Attributes;
import io.rafsd.filesystem.FileSystem;
import io.rafsd.filesystem.ReadReply;
import io.rafsd.stats.FileSystemStats;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Many filesystems under one root. Each gets an index from 1 to 255, and the kernel knows its inodes by the number
 * {@code index << 56 | ino}, as with nydusd; the directories that lead to it have numbers of index 0. A filesystem at
 * {@code /} is the whole of it, and readers see its own inode numbers.
 *
 * <p>Mounting and unmounting take the lock; every operation works on what it finds without one. An index is used again
 * only when all others have been, and its generation then tells its inodes from earlier ones.
 */
public final class Vfs implements FileSystem {

    /** Most filesystems at once, as in nydusd: an index is eight bits, and 0 is our own. */
    public static final int MAX_MOUNTS = 255;

    /** Mounts whose name begins so are for the daemon itself: they are not listed. */
    public static final String HIDDEN_PREFIX = ".rafsd-";

    private static final MemorySegment HIDDEN =
            MemorySegment.ofArray(HIDDEN_PREFIX.getBytes(StandardCharsets.US_ASCII));
    private static final int INDEX_SHIFT = 56;
    private static final long INO_MASK = (1L << INDEX_SHIFT) - 1;

    private final AtomicReferenceArray<@Nullable Mount> byIndex = new AtomicReferenceArray<>(MAX_MOUNTS + 1);
    /** How often each index has been used, which makes the generation of its inodes. */
    private final long[] uses = new long[MAX_MOUNTS + 1];

    private final Map<String, Integer> indexes = new TreeMap<>();
    private volatile PseudoTree tree = new PseudoTree();
    private volatile @Nullable Mount whole;
    private volatile @Nullable NameListener listener;
    private int lastIndex;

    private record Mount(FileSystem fileSystem, FileSystemStats stats, int index, long generation) {

        long shown(long ino) {
            return (long) index << INDEX_SHIFT | ino;
        }
    }

    /**
     * Shows {@code fileSystem} at {@code path}.
     *
     * @param stats where requests to it are counted
     * @throws AlreadyExists if something is mounted there, or above or below it: the one would hide the other
     * @throws Unsupported if 255 are mounted
     */
    public synchronized void mount(String path, FileSystem fileSystem, FileSystemStats stats) throws IOException {
        String normal = normal(path);
        if (whole != null) {
            throw new AlreadyExists("a filesystem is mounted at / and would hide " + normal);
        }
        if (normal.equals("/") && tree.hasMounts()) {
            throw new AlreadyExists("filesystems are mounted below /, and a mount at / would hide them");
        }
        int index = freeIndex();
        show(normal, new Mount(fileSystem, stats, index, uses[index]));
        uses[index]++;
        lastIndex = index;
    }

    private void show(String path, Mount mount) throws AlreadyExists {
        if (path.equals("/")) {
            whole = mount;
        } else {
            tree.attach(path, mount.index);
        }
        byIndex.set(mount.index, mount);
        indexes.put(path, mount.index);
    }

    /** The numbers that a successor has to go on with. */
    public synchronized Layout layout() {
        List<Layout.Place> places = new ArrayList<>();
        for (Map.Entry<String, Integer> shown : indexes.entrySet()) {
            Mount mount = Objects.requireNonNull(byIndex.get(shown.getValue()));
            places.add(new Layout.Place(shown.getKey(), mount.index, mount.generation));
        }
        return new Layout(List.copyOf(places), tree.list(), tree.nextIno(), lastIndex % MAX_MOUNTS + 1);
    }

    /**
     * Shows filesystems by the numbers of a predecessor, in place of what is shown, of which nothing may be left mounted.
     *
     * @param shown by path, one for each place
     * @throws InvalidRequest if the layout contradicts itself; nothing is shown then
     */
    public synchronized void restore(Layout layout, Map<String, Shown> shown) throws IOException {
        tree = PseudoTree.of(layout.directories(), layout.nextDirectory());
        // What was shown before those, and is not any more, may still be remembered.
        Arrays.fill(uses, 1, MAX_MOUNTS + 1, 0);
        Arrays.fill(uses, 1, Math.clamp(layout.nextIndex(), 1, MAX_MOUNTS), 1);
        try {
            for (Layout.Place place : layout.mounts()) {
                if (place.index() < 1 || place.index() > MAX_MOUNTS || byIndex.get(place.index()) != null) {
                    throw new InvalidRequest("saved mount " + place.path() + " has the index " + place.index()
                            + ", which is none or taken");
                }
                Shown one = Objects.requireNonNull(shown.get(place.path()));
                show(normal(place.path()), new Mount(one.fileSystem(), one.stats(), place.index(), place.generation()));
                uses[place.index()] = place.generation() + 1;
            }
        } catch (IOException e) {
            clear();
            throw e;
        }
        lastIndex = (Math.clamp(layout.nextIndex(), 1, MAX_MOUNTS) + MAX_MOUNTS - 2) % MAX_MOUNTS + 1;
    }

    private void clear() {
        whole = null;
        tree = new PseudoTree();
        indexes.clear();
        for (int i = 1; i <= MAX_MOUNTS; i++) {
            byIndex.set(i, null);
        }
    }

    /** A filesystem, and where requests to it are counted. */
    public record Shown(FileSystem fileSystem, FileSystemStats stats) {}

    /**
     * Shows another filesystem at {@code path}, with the same index, and so the same inode numbers.
     *
     * @throws NotFound if nothing is mounted there
     */
    public synchronized void replace(String path, FileSystem fileSystem, FileSystemStats stats) throws IOException {
        String normal = normal(path);
        int index = indexOf(normal);
        Mount before = Objects.requireNonNull(byIndex.get(index));
        Mount mount = new Mount(fileSystem, stats, index, before.generation);
        byIndex.set(index, mount);
        if (normal.equals("/")) {
            whole = mount;
        } else {
            forget(tree.find(normal));
        }
    }

    private int indexOf(String normal) throws NotFound {
        Integer index = indexes.get(normal);
        if (index == null) {
            throw new NotFound("nothing is mounted at " + normal);
        }
        return index;
    }

    /** @throws NotFound if nothing is mounted at {@code path} */
    public synchronized void unmount(String path) throws IOException {
        String normal = normal(path);
        int index = indexOf(normal);
        indexes.remove(normal);
        byIndex.set(index, null);
        if (normal.equals("/")) {
            whole = null;
        } else {
            forget(tree.detach(normal));
        }
    }

    private void forget(PseudoTree.Place place) {
        NameListener told = listener;
        if (told != null) {
            told.nameChanged(place.parent(), place.name());
        }
    }

    private @Nullable FileSystem whole() {
        Mount all = whole;
        return all == null ? null : all.fileSystem;
    }

    private static String normal(String path) throws InvalidRequest {
        if (!path.startsWith("/")) {
            throw new InvalidRequest("mount point '" + path + "' is not absolute; it must begin with '/'");
        }
        return Path.of(path).normalize().toString();
    }

    private int freeIndex() throws Unsupported {
        for (int i = 1; i <= MAX_MOUNTS; i++) {
            int index = (lastIndex + i - 1) % MAX_MOUNTS + 1;
            if (byIndex.get(index) == null) {
                return index;
            }
        }
        throw new Unsupported(
                "all " + MAX_MOUNTS + " places for mounts are taken; unmount one, or start another daemon");
    }

    @Override
    public long rootIno() {
        FileSystem all = whole();
        return all == null ? PseudoTree.ROOT : all.rootIno();
    }

    @Override
    public boolean lookup(long parent, MemorySegment name, Attributes found) throws IOException {
        FileSystem all = whole();
        if (all != null) {
            return all.lookup(parent, name, found);
        }
        if (isPseudo(parent)) {
            PseudoTree.Child child = tree.child(parent, name);
            if (child == null) {
                return false;
            }
            if (child.index() != 0) {
                return rootOf(child.index(), found);
            }
            tree.attributes(child.ino(), found);
            return true;
        }
        Mount mount = mountOf(parent);
        if (!mount.fileSystem.lookup(parent & INO_MASK, name, found)) {
            return false;
        }
        show(mount, found);
        return true;
    }

    @Override
    public boolean remembersAbsence(long parent) {
        FileSystem all = whole();
        return all != null ? all.remembersAbsence(parent) : !isPseudo(parent);
    }

    @Override
    public void attributes(long ino, Attributes found) throws IOException {
        FileSystem all = whole();
        if (all != null) {
            all.attributes(ino, found);
        } else if (isPseudo(ino)) {
            tree.attributes(ino, found);
        } else {
            Mount mount = mountOf(ino);
            mount.fileSystem.attributes(ino & INO_MASK, found);
            show(mount, found);
        }
    }

    @Override
    public MemorySegment readLink(long ino) throws IOException {
        FileSystem all = whole();
        return all != null ? all.readLink(ino) : mountOf(ino).fileSystem.readLink(ino & INO_MASK);
    }

    @Override
    public void read(long ino, long offset, int size, ReadReply reply) {
        FileSystem all = whole();
        if (all != null) {
            all.read(ino, offset, size, reply);
            return;
        }
        Mount mount;
        try {
            mount = mountOf(ino);
        } catch (PosixError e) {
            reply.fail(e);
            return;
        }
        mount.fileSystem.read(ino & INO_MASK, offset, size, reply);
    }

    @Override
    public void readDirectory(long ino, long cookie, DirectorySink sink) throws IOException {
        FileSystem all = whole();
        if (all != null) {
            all.readDirectory(ino, cookie, sink);
        } else if (isPseudo(ino)) {
            readPseudo(ino, cookie, sink);
        } else {
            Mount mount = mountOf(ino);
            mount.fileSystem.readDirectory(
                    ino & INO_MASK,
                    cookie,
                    (name, child, type, next) -> sink.entry(name, mount.shown(child), type, next));
        }
    }

    private void readPseudo(long ino, long cookie, DirectorySink sink) throws IOException {
        Attributes root = new Attributes();
        for (PseudoTree.Child child : tree.children(ino)) {
            if (child.cookie() <= cookie || isHidden(child.name())) {
                continue;
            }
            long shown = child.ino();
            if (child.index() != 0) {
                if (!rootOf(child.index(), root)) {
                    continue;
                }
                shown = root.ino;
            }
            if (!sink.entry(child.name(), shown, Attributes.DIRECTORY, child.cookie())) {
                return;
            }
        }
    }

    @Override
    public @Nullable MemorySegment extendedAttribute(long ino, MemorySegment name) throws IOException {
        FileSystem all = whole();
        if (all != null) {
            return all.extendedAttribute(ino, name);
        }
        return isPseudo(ino) ? null : mountOf(ino).fileSystem.extendedAttribute(ino & INO_MASK, name);
    }

    @Override
    public byte[] extendedAttributeNames(long ino) throws IOException {
        FileSystem all = whole();
        if (all != null) {
            return all.extendedAttributeNames(ino);
        }
        return isPseudo(ino) ? new byte[0] : mountOf(ino).fileSystem.extendedAttributeNames(ino & INO_MASK);
    }

    /** The kernel asks once for the whole connection, so one mount of many must not say no for all. */
    @Override
    public boolean hasExtendedAttributes() {
        FileSystem all = whole();
        return all == null || all.hasExtendedAttributes();
    }

    @Override
    public StatFs statFs() {
        FileSystem all = whole();
        if (all != null) {
            return all.statFs();
        }
        long files = 0;
        long blocks = 0;
        for (int i = 1; i <= MAX_MOUNTS; i++) {
            Mount mount = byIndex.get(i);
            if (mount != null) {
                StatFs one = mount.fileSystem.statFs();
                files += one.files();
                blocks += one.blocks();
            }
        }
        return new StatFs(files, blocks);
    }

    @Override
    public boolean bypassesPageCache(long ino) {
        Mount mount = whole != null || isPseudo(ino) ? null : byIndex.get((int) (ino >>> INDEX_SHIFT));
        return mount != null && mount.fileSystem.bypassesPageCache(ino & INO_MASK);
    }

    @Override
    public long nodeOf(long ino) {
        Mount all = whole;
        return all == null ? ino : all.shown(ino);
    }

    /** What the kernel remembers of another filesystem than the one that is all does not exist. */
    @Override
    public long inodeOf(long node) {
        Mount all = whole;
        if (all == null) {
            return node;
        }
        return node >>> INDEX_SHIFT == all.index ? node & INO_MASK : INO_MASK;
    }

    @Override
    public @Nullable FileSystemStats stats(long ino) {
        Mount all = whole;
        if (all != null || isPseudo(ino)) {
            return all == null ? null : all.stats;
        }
        Mount mount = byIndex.get((int) (ino >>> INDEX_SHIFT));
        return mount == null ? null : mount.stats;
    }

    @Override
    public void onNameChange(NameListener told) {
        listener = told;
    }

    /** The mounted filesystems belong to who mounted them. */
    @Override
    public void close() {}

    /** Found by who knows its name. */
    private static boolean isHidden(MemorySegment name) {
        return name.byteSize() > HIDDEN.byteSize()
                && name.asSlice(0, HIDDEN.byteSize()).mismatch(HIDDEN) == -1;
    }

    private static boolean isPseudo(long ino) {
        return ino >>> INDEX_SHIFT == 0;
    }

    private Mount mountOf(long ino) throws PosixError {
        Mount mount = byIndex.get((int) (ino >>> INDEX_SHIFT));
        if (mount == null) {
            throw new PosixError(
                    Errno.ENOENT, "the filesystem of inode " + Long.toHexString(ino) + " has been unmounted");
        }
        return mount;
    }

    /** @return false if it has been unmounted meanwhile */
    private boolean rootOf(int index, Attributes found) throws IOException {
        Mount mount = byIndex.get(index);
        if (mount == null) {
            return false;
        }
        mount.fileSystem.attributes(mount.fileSystem.rootIno(), found);
        show(mount, found);
        return true;
    }

    private static void show(Mount mount, Attributes found) throws PosixError {
        if (found.ino >>> INDEX_SHIFT != 0) {
            throw new PosixError(Errno.EIO, "inode number " + found.ino + " has no room for the mount's index");
        }
        found.ino = mount.shown(found.ino);
        found.generation = mount.generation;
    }
}
