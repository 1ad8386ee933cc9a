package io.rafsd.filesystem;

import io.rafsd.error.Errno;
import io.rafsd.error.PosixError;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A filesystem of made-up files for tests, with everything an image may hold. Built by one thread, then read by many.
 * Names are one character a byte (ISO 8859-1), so that any bytes can be one.
 */
public final class MemoryFileSystem implements FileSystem {

    public static final long MTIME = 1_500_000_000L;
    public static final int MTIME_NANOS = 123_456_789;

    private final Map<Long, Node> nodes = new ConcurrentHashMap<>();
    private final long root;
    private final AtomicLong lastIno;
    private boolean xattrs;

    /** Reads that reached a file. */
    public final AtomicLong reads = new AtomicLong();

    /** @param root number of the root; the others follow it */
    public MemoryFileSystem(long root) {
        this.root = root;
        this.lastIno = new AtomicLong(root);
        nodes.put(root, new Node(root, Attributes.DIRECTORY | 0755, 0, 0, null, null));
    }

    /** How a file's bytes come. */
    @FunctionalInterface
    public interface Content {
        void read(long offset, int size, ReadReply reply);
    }

    private static final class Node {
        final long parent;
        final int mode;
        final long size;
        final int rdev;
        final @Nullable Content content;
        final byte @Nullable [] target;
        final Map<String, Long> children = new LinkedHashMap<>();
        final List<String> order = new ArrayList<>();
        final Map<String, byte[]> attributes = new LinkedHashMap<>();
        int links = 1;

        Node(long parent, int mode, long size, int rdev, @Nullable Content content, byte @Nullable [] target) {
            this.parent = parent;
            this.mode = mode;
            this.size = size;
            this.rdev = rdev;
            this.content = content;
            this.target = target;
        }

        boolean isDirectory() {
            return (mode & Attributes.TYPE_MASK) == Attributes.DIRECTORY;
        }
    }

    public long directory(long parent, String name) {
        return add(parent, name, Attributes.DIRECTORY | 0755, 0, 0, null, null);
    }

    public long file(long parent, String name, int permissions, byte[] content) {
        return file(parent, name, permissions, content.length, (offset, size, reply) -> {
            int length = Math.clamp(content.length - offset, 0, size);
            MemorySegment.copy(content, (int) offset, reply.buffer(), ValueLayout.JAVA_BYTE, 0, length);
            reply.complete(length);
        });
    }

    public long file(long parent, String name, int permissions, long size, Content content) {
        return add(parent, name, Attributes.REGULAR | permissions, size, 0, content, null);
    }

    /** A file whose bytes follow from their offsets. */
    public long formulaFile(long parent, String name, long size) {
        return file(parent, name, 0644, size, formula(size));
    }

    public long symlink(long parent, String name, String target) {
        byte[] bytes = bytes(target);
        return add(parent, name, Attributes.SYMLINK | 0777, bytes.length, 0, null, bytes);
    }

    /** @param typeAndPermissions of a device, fifo or socket */
    public long special(long parent, String name, int typeAndPermissions, int rdev) {
        return add(parent, name, typeAndPermissions, 0, rdev, null, null);
    }

    public void link(long parent, String name, long ino) {
        built(ino).links++;
        enter(parent, name, ino);
    }

    public void extendedAttribute(long ino, String name, byte[] value) {
        built(ino).attributes.put(name, value);
        xattrs = true;
    }

    private long add(
            long parent,
            String name,
            int mode,
            long size,
            int rdev,
            @Nullable Content content,
            byte @Nullable [] target) {
        long ino = lastIno.incrementAndGet();
        nodes.put(ino, new Node(parent, mode, size, rdev, content, target));
        enter(parent, name, ino);
        return ino;
    }

    private void enter(long parent, String name, long ino) {
        Node directory = built(parent);
        if (directory.children.put(name, ino) != null) {
            throw new IllegalArgumentException("twice: " + name);
        }
        directory.order.add(name);
        if (built(ino).isDirectory()) {
            directory.links++;
        }
    }

    public static Content formula(long fileSize) {
        return (offset, size, reply) -> {
            int length = Math.clamp(fileSize - offset, 0, size);
            for (int i = 0; i < length; i++) {
                reply.buffer().set(ValueLayout.JAVA_BYTE, i, byteAt(offset + i));
            }
            reply.complete(length);
        };
    }

    /** What {@link #formulaFile} has at an offset: no two pages are alike. */
    public static byte byteAt(long offset) {
        return (byte) (offset * 31 ^ (offset >>> 12) * 17 ^ offset >>> 32);
    }

    public static Content failing(IOException failure) {
        return (offset, size, reply) -> reply.fail(failure);
    }

    @Override
    public long rootIno() {
        return root;
    }

    @Override
    public boolean lookup(long parent, MemorySegment name, Attributes found) throws IOException {
        Node directory = node(parent);
        if (!directory.isDirectory()) {
            throw new PosixError(Errno.ENOTDIR, "inode " + parent + " is no directory");
        }
        Long ino = directory.children.get(text(name));
        if (ino == null) {
            return false;
        }
        attributes(ino, found);
        return true;
    }

    @Override
    public boolean remembersAbsence(long parent) {
        return true;
    }

    @Override
    public void attributes(long ino, Attributes found) throws IOException {
        Node node = node(ino);
        found.ino = ino;
        found.mode = node.mode;
        found.nlink = node.isDirectory() ? node.links + 1 : node.links;
        found.uid = (node.mode & 07000) != 0 ? 1234 : 0;
        found.gid = (node.mode & 07000) != 0 ? 56789 : 0;
        found.rdev = node.rdev;
        found.size = node.isDirectory() ? 4096 : node.size;
        found.blocks = (found.size + 511) / 512;
        found.blockSize = 4096;
        found.mtimeSeconds = MTIME;
        found.mtimeNanos = MTIME_NANOS;
        found.generation = 0;
    }

    @Override
    public MemorySegment readLink(long ino) throws IOException {
        byte[] target = node(ino).target;
        if (target == null) {
            throw new PosixError(Errno.EINVAL, "inode " + ino + " is no symbolic link");
        }
        return MemorySegment.ofArray(target);
    }

    @Override
    public void read(long ino, long offset, int size, ReadReply reply) {
        reads.incrementAndGet();
        Node node = nodes.get(ino);
        if (node == null || node.content == null) {
            reply.fail(new PosixError(node == null ? Errno.ENOENT : Errno.EISDIR, "inode " + ino + " has no bytes"));
        } else if (offset < 0 || offset >= node.size) {
            reply.complete(0);
        } else {
            node.content.read(offset, (int) Math.min(size, node.size - offset), reply);
        }
    }

    @Override
    public void readDirectory(long ino, long cookie, DirectorySink sink) throws IOException {
        Node directory = node(ino);
        if (!directory.isDirectory()) {
            throw new PosixError(Errno.ENOTDIR, "inode " + ino + " is no directory");
        }
        for (int i = Math.clamp(cookie, 0, Integer.MAX_VALUE); i < directory.order.size() + 2; i++) {
            String name = i == 0 ? "." : i == 1 ? ".." : directory.order.get(i - 2);
            long child =
                    i == 0 ? ino : i == 1 ? directory.parent : Objects.requireNonNull(directory.children.get(name));
            int type = i < 2 ? Attributes.DIRECTORY : node(child).mode & Attributes.TYPE_MASK;
            if (!sink.entry(MemorySegment.ofArray(bytes(name)), child, type, i + 1)) {
                return;
            }
        }
    }

    @Override
    public @Nullable MemorySegment extendedAttribute(long ino, MemorySegment name) throws IOException {
        byte[] value = node(ino).attributes.get(text(name));
        return value == null ? null : MemorySegment.ofArray(value);
    }

    @Override
    public byte[] extendedAttributeNames(long ino) throws IOException {
        ByteArrayOutputStream names = new ByteArrayOutputStream();
        for (String name : node(ino).attributes.keySet()) {
            names.writeBytes(bytes(name));
            names.write(0);
        }
        return names.toByteArray();
    }

    @Override
    public boolean hasExtendedAttributes() {
        return xattrs;
    }

    @Override
    public StatFs statFs() {
        return new StatFs(nodes.size(), 4711);
    }

    @Override
    public void close() {}

    private Node built(long ino) {
        return Objects.requireNonNull(nodes.get(ino));
    }

    private Node node(long ino) throws PosixError {
        Node node = nodes.get(ino);
        if (node == null) {
            throw new PosixError(Errno.ENOENT, "no inode " + ino);
        }
        return node;
    }

    private static byte[] bytes(String name) {
        return name.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String text(MemorySegment name) {
        return new String(name.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1);
    }
}
