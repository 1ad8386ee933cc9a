package io.rafsd.image.local;

import io.rafsd.filesystem.Attributes;
import io.rafsd.rafs.layout.Xattr;
import io.rafsd.rafs.metadata.RafsMetadata;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Unpacks an image to a tar: ustar, with pax headers for what that cannot hold, as layers of container images are. Sockets
 * have no place in a tar and are left out.
 */
public final class TarExport {

    private static final int BLOCK = 512;

    private final LocalImage image;
    private final OutputStream out;
    private final Map<Long, String> firstNames = new HashMap<>();
    private final byte[] transfer = new byte[1 << 16];

    private TarExport(LocalImage image, OutputStream out) {
        this.image = image;
        this.out = out;
    }

    /** Writes the archive; the stream stays open. */
    public static void write(LocalImage image, OutputStream out) throws IOException {
        TarExport export = new TarExport(image, out);
        ImageWalk.walk(image.metadata(), export::entry);
        out.write(new byte[2 * BLOCK]);
        out.flush();
    }

    private void entry(ImageWalk.Visited entry) throws IOException {
        Attributes a = entry.attributes();
        int type = a.mode & Attributes.TYPE_MASK;
        if (type == Attributes.SOCKET) {
            return;
        }
        String name = entry.path().equals("/") ? "." : entry.path().substring(1);
        String first = a.isRegular() ? firstNames.putIfAbsent(a.ino, name) : null;
        String link = first != null
                ? first
                : type == Attributes.SYMLINK ? latin(image.metadata().symlinkTarget(a.ino)) : "";
        long size = a.isRegular() && first == null ? a.size : 0;
        UstarHeader header = new UstarHeader(
                a.isDirectory() ? name + "/" : name, flag(type, first != null), link, size, a, xattrs(a.ino));
        header.write(out);
        if (size > 0) {
            content(a.ino, size);
        }
    }

    private static char flag(int type, boolean linked) {
        if (linked) {
            return '1';
        }
        return switch (type) {
            case Attributes.SYMLINK -> '2';
            case Attributes.CHARACTER_DEVICE -> '3';
            case Attributes.BLOCK_DEVICE -> '4';
            case Attributes.DIRECTORY -> '5';
            case Attributes.FIFO -> '6';
            default -> '0';
        };
    }

    private List<Xattr> xattrs(long ino) throws IOException {
        RafsMetadata metadata = image.metadata();
        List<Xattr> xattrs = new ArrayList<>();
        for (String name :
                new String(metadata.extendedAttributeNames(ino), StandardCharsets.ISO_8859_1).split("\0", -1)) {
            if (!name.isEmpty()) {
                MemorySegment key = MemorySegment.ofArray(name.getBytes(StandardCharsets.ISO_8859_1));
                xattrs.add(new Xattr(key, Objects.requireNonNull(metadata.extendedAttribute(ino, key))));
            }
        }
        return xattrs;
    }

    private void content(long ino, long size) throws IOException {
        RafsMetadata metadata = image.metadata();
        for (long position = 0; position * metadata.chunkSize() < size; position++) {
            int packed = metadata.chunk(ino, position);
            copy(image.chunk(RafsMetadata.blobOf(packed), RafsMetadata.indexOf(packed)));
        }
        out.write(new byte[(int) (-size & BLOCK - 1)]);
    }

    private void copy(MemorySegment bytes) throws IOException {
        for (long at = 0; at < bytes.byteSize(); at += transfer.length) {
            int n = (int) Math.min(transfer.length, bytes.byteSize() - at);
            MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, at, transfer, 0, n);
            out.write(transfer, 0, n);
        }
    }

    private static String latin(MemorySegment bytes) {
        return new String(bytes.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1);
    }
}
