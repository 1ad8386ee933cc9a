package io.rafsd.rafs.fs;

import static io.rafsd.filesystem.Attributes.TYPE_MASK;

import io.rafsd.filesystem.Attributes;
import io.rafsd.filesystem.FileSystem;
import io.rafsd.testing.Answer;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Lists a filesystem in the form that golden images state what a reader must see: by path, which keys an entry has
 * depends on its type, and bytes outside of printable ASCII are written in hexadecimal.
 */
final class FileSystemWalk {

    private final FileSystem files;
    private final int readSize;
    private final SortedMap<String, Map<String, Object>> found = new TreeMap<>();

    private FileSystemWalk(FileSystem files, int readSize) {
        this.files = files;
        this.readSize = readSize;
    }

    /** @param readSize bytes of each read; 0 leaves contents out */
    static SortedMap<String, Map<String, Object>> of(FileSystem files, int readSize) throws IOException {
        FileSystemWalk walk = new FileSystemWalk(files, readSize);
        Attributes root = new Attributes();
        files.attributes(files.rootIno(), root);
        walk.visit(".", root);
        return walk.found;
    }

    private void visit(String path, Attributes a) throws IOException {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("mode", "0o" + Integer.toOctalString(a.mode));
        entry.put("uid", Integer.toUnsignedLong(a.uid));
        entry.put("gid", Integer.toUnsignedLong(a.gid));
        entry.put("mtime", a.mtimeSeconds);
        entry.put("nlink", a.isDirectory() ? null : a.nlink);
        Map<String, String> xattrs = xattrs(a.ino);
        if (!xattrs.isEmpty()) {
            entry.put("xattrs", xattrs);
        }
        switch (a.mode & TYPE_MASK) {
            case Attributes.REGULAR -> {
                entry.put("size", a.size);
                if (readSize > 0) {
                    entry.put("sha256", sha256(a.ino));
                }
            }
            case Attributes.SYMLINK -> entry.put("target", escaped(files.readLink(a.ino)));
            case Attributes.CHARACTER_DEVICE, Attributes.BLOCK_DEVICE ->
                entry.put("rdev", List.of(a.rdev >>> 8 & 0xFFF, a.rdev & 0xFF | a.rdev >>> 12 & 0xFFF00));
            default -> {
                // Nothing more is to be seen of it.
            }
        }
        found.put(path, entry);
        if (a.isDirectory()) {
            children(path, a.ino);
        }
    }

    private void children(String path, long ino) throws IOException {
        List<byte[]> names = new ArrayList<>();
        files.readDirectory(ino, 0, (name, _, _, _) -> names.add(name.toArray(ValueLayout.JAVA_BYTE)));
        for (byte[] name : names) {
            String text = escaped(MemorySegment.ofArray(name));
            if (!text.equals(".") && !text.equals("..")) {
                Attributes child = new Attributes();
                if (!files.lookup(ino, MemorySegment.ofArray(name), child)) {
                    throw new AssertionError(path + " lists " + text + ", which is not found in it");
                }
                visit(path.equals(".") ? text : path + "/" + text, child);
            }
        }
    }

    private Map<String, String> xattrs(long ino) throws IOException {
        Map<String, String> xattrs = new TreeMap<>();
        String names = new String(files.extendedAttributeNames(ino), StandardCharsets.ISO_8859_1);
        for (String name : names.isEmpty() ? new String[0] : names.split("\0", -1)) {
            if (!name.isEmpty()) {
                MemorySegment bytes = MemorySegment.ofArray(name.getBytes(StandardCharsets.ISO_8859_1));
                xattrs.put(escaped(bytes), escaped(Objects.requireNonNull(files.extendedAttribute(ino, bytes))));
            }
        }
        return xattrs;
    }

    private String sha256(long ino) throws IOException {
        MessageDigest digest = sha256();
        byte[] bytes;
        long offset = 0;
        do {
            bytes = Answer.to(files, ino, offset, readSize).await();
            digest.update(bytes);
            offset += bytes.length;
        } while (bytes.length == readSize);
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static String escaped(MemorySegment bytes) {
        StringBuilder text = new StringBuilder();
        for (byte b : bytes.toArray(ValueLayout.JAVA_BYTE)) {
            text.append(b >= ' ' && b < 0x7F && b != '\\' ? String.valueOf((char) b) : String.format("\\x%02x", b));
        }
        return text.toString();
    }
}
