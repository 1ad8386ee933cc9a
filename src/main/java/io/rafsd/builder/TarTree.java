package io.rafsd.builder;

import io.rafsd.builder.tar.TarEntry;
import io.rafsd.builder.tar.TarReader;
import io.rafsd.error.InvalidRequest;
import io.rafsd.linux.FileStatus;
import io.rafsd.rafs.layout.Xattr;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The tree in a tar, and its content in the order of the archive: what is read is put into the tree on the way (RAFS format,
 * section 6.3). A later member takes the place of an earlier one of its path. For one thread.
 */
final class TarTree implements PieceSource {

    private static final int DIRECTORY_MODE = FileStatus.DIRECTORY | 0755;
    /** What an eStargz adds to the files of a layer. */
    private static final Set<String> STARGZ =
            Set.of("stargz.index.json", ".prefetch.landmark", ".no.prefetch.landmark");

    private final TarReader tar;
    private final @Nullable Entry lower;
    private final @Nullable LayerReader layer;
    private final int chunkSize;
    private final byte[] transfer = new byte[1 << 16];
    private Entry root = Entry.plain(new byte[0], directoryFacts());
    private @Nullable FileData open;
    private long size;
    private long offset;

    /**
     * @param lower tree of the image that the tar is an upper layer of
     * @param layer that the tar is the content of, if the image refers to it
     */
    TarTree(TarReader tar, @Nullable Entry lower, @Nullable LayerReader layer, int chunkSize) {
        this.tar = tar;
        this.lower = lower;
        this.layer = layer;
        this.chunkSize = chunkSize;
    }

    /** The whole tree, once everything has been read. */
    Entry root() {
        return root;
    }

    @Override
    public boolean next(PieceBuffer buffer) throws IOException {
        boolean any = false;
        while (open != null || advance()) {
            FileData data = Objects.requireNonNull(open);
            int length = buffer.room(size - offset);
            if (length == 0) {
                break;
            }
            MemorySegment target = buffer.add(data, size, offset, length);
            if (layer == null) {
                fill(target);
            } else {
                fillByChunks(target, data, layer);
            }
            offset += length;
            any = true;
            if (offset == size) {
                open = null;
            }
        }
        return any;
    }

    private void fillByChunks(MemorySegment target, FileData data, LayerReader from) throws IOException {
        for (long at = 0; at < target.byteSize(); at += chunkSize) {
            from.begin();
            fill(target.asSlice(at, Math.min(chunkSize, target.byteSize() - at)));
            data.addPlace(from.end());
        }
    }

    private void fill(MemorySegment target) throws IOException {
        for (long at = 0; at < target.byteSize(); at += transfer.length) {
            int n = (int) Math.min(transfer.length, target.byteSize() - at);
            tar.readFully(transfer, 0, n);
            MemorySegment.copy(transfer, 0, target, ValueLayout.JAVA_BYTE, at, n);
        }
    }

    /** Goes on to the next member that has content. */
    private boolean advance() throws IOException {
        for (TarEntry member = tar.next(); member != null; member = tar.next()) {
            FileData content = put(member);
            if (content != null && member.size() > 0) {
                if (layer != null && tar.hasHoles()) {
                    throw new InvalidRequest("archive member " + member.name() + " has holes, which no place in the"
                            + " archive stands for; build with --type targz-rafs, which copies the content");
                }
                open = content;
                size = member.size();
                offset = 0;
                return true;
            }
        }
        return false;
    }

    /** Puts a member into the tree; the answer is where its content goes, null if it has no place. */
    private @Nullable FileData put(TarEntry member) throws InvalidRequest {
        List<byte[]> path = path(member.name());
        Facts facts = facts(member);
        List<Xattr> xattrs = EntryRules.xattrs(member.xattrs(), member.name());
        if (path.isEmpty()) {
            if (facts.isDirectory()) {
                root = root.withAttributesOf(new Entry(new byte[0], facts, xattrs, new byte[0], new FileData(null)));
            }
            return null;
        }
        if (path.size() == 1 && STARGZ.contains(latin(path.getFirst()))) {
            return null;
        }
        Entry parent = parent(path, member.name());
        byte[] name = path.getLast();
        EntryRules.checkName(name, member.name());
        Entry entry = switch (member.kind()) {
            case HARD_LINK -> linked(member, name);
            case SYMLINK -> {
                byte[] target = member.link().getBytes(StandardCharsets.ISO_8859_1);
                EntryRules.checkTarget(target, member.name());
                yield new Entry(name, facts, xattrs, target, new FileData(null));
            }
            default -> new Entry(name, facts, xattrs, new byte[0], new FileData(null));
        };
        Entry before = parent.child(name);
        if (before != null && before.facts().isDirectory() && entry.facts().isDirectory()) {
            parent.put(before.withAttributesOf(entry));
        } else {
            parent.put(entry);
        }
        return member.kind() == TarEntry.Kind.REGULAR ? entry.data() : null;
    }

    private Entry linked(TarEntry member, byte[] name) throws InvalidRequest {
        Entry target = find(root, member.link());
        if (target == null && lower != null) {
            target = find(lower, member.link());
        }
        if (target == null || target.facts().isDirectory()) {
            throw new InvalidRequest("archive member " + member.name() + " is a hard link to " + member.link()
                    + ", which is no file earlier in the archive"
                    + (lower == null
                            ? "; if a lower layer has it, give that as --parent-bootstrap"
                            : ", nor below it"));
        }
        // Only names of regular files are one inode in an image.
        FileData data = target.facts().isRegular() ? target.data() : new FileData(null);
        return new Entry(name, target.facts(), target.xattrs(), target.target(), data);
    }

    private static @Nullable Entry find(Entry tree, String name) {
        Entry at = tree;
        for (byte[] step : path(name)) {
            at = at == null ? null : at.child(step);
        }
        return at;
    }

    private Entry parent(List<byte[]> path, String where) throws InvalidRequest {
        Entry at = root;
        for (byte[] name : path.subList(0, path.size() - 1)) {
            Entry child = at.child(name);
            if (child == null) {
                EntryRules.checkName(name, where);
                child = Entry.plain(name, directoryFacts());
                at.put(child);
            }
            if (!child.facts().isDirectory()) {
                throw new InvalidRequest("archive member " + where + " lies below " + latin(name)
                        + ", which an earlier member says is no directory");
            }
            at = child;
        }
        return at;
    }

    /** The names that lead to a member; none for the root. Steps up are taken, but not out of the tree. */
    private static List<byte[]> path(String name) {
        List<byte[]> path = new ArrayList<>();
        for (String step : name.split("/", -1)) {
            if (step.equals("..")) {
                if (!path.isEmpty()) {
                    path.removeLast();
                }
            } else if (!step.isEmpty() && !step.equals(".")) {
                path.add(step.getBytes(StandardCharsets.ISO_8859_1));
            }
        }
        return path;
    }

    private static Facts directoryFacts() {
        return new Facts(DIRECTORY_MODE, 0, 0, 0, 0, 0, 0);
    }

    private static Facts facts(TarEntry member) {
        int type = switch (member.kind()) {
            case REGULAR, HARD_LINK -> FileStatus.REGULAR;
            case SYMLINK -> FileStatus.SYMLINK;
            case DIRECTORY -> FileStatus.DIRECTORY;
            case CHARACTER_DEVICE -> 0x2000;
            case BLOCK_DEVICE -> 0x6000;
            case FIFO -> 0x1000;
        };
        int device = member.minor() & 0xFF | member.major() << 8 | (member.minor() & ~0xFF) << 12;
        return new Facts(
                type | member.mode(),
                member.uid(),
                member.gid(),
                device,
                member.size(),
                member.modifiedSeconds(),
                member.modifiedNanos());
    }

    private static String latin(byte[] name) {
        return new String(name, StandardCharsets.ISO_8859_1);
    }
}
