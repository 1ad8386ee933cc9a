package io.rafsd.builder;

import io.rafsd.blob.BlobInfo;
import io.rafsd.codec.Compression;
import io.rafsd.codec.DigestAlgorithm;
import io.rafsd.error.InvalidImage;
import io.rafsd.filesystem.Attributes;
import io.rafsd.rafs.layout.ChunkRecord;
import io.rafsd.rafs.layout.SuperblockFlags;
import io.rafsd.rafs.layout.Xattr;
import io.rafsd.rafs.metadata.RafsMetadata;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/** An image that is there already, as a tree that another is built on. For one thread. */
final class LoadedImage {

    private final RafsMetadata metadata;
    private final List<BlobSlot> blobs;
    private final Map<Integer, Chunk> chunks = new HashMap<>();
    private final Map<Long, FileData> files = new HashMap<>();
    private final Entry root;

    /** A directory whose children are still to be read. */
    private record Open(Entry directory, long ino) {}

    private LoadedImage(RafsMetadata metadata, List<BlobSlot> blobs) throws IOException {
        this.metadata = metadata;
        this.blobs = blobs;
        this.root = entry(new byte[0], metadata.rootIno());
    }

    /**
     * Reads an image.
     *
     * @param slots gives the blob its slot: the same for what is the same blob
     */
    static LoadedImage of(Path bootstrap, Function<BlobInfo, BlobSlot> slots) throws IOException {
        RafsMetadata metadata = RafsMetadata.open(bootstrap);
        LoadedImage image = new LoadedImage(
                metadata,
                metadata.blobs().stream()
                        .map(BlobInfo::withoutBootstrap)
                        .map(slots)
                        .toList());
        try {
            image.read();
        } catch (InvalidImage e) {
            throw new InvalidImage("bootstrap " + bootstrap + ": " + e.getMessage(), e);
        }
        return image;
    }

    Entry root() {
        return root;
    }

    /** In the order of its blob table. */
    List<BlobSlot> blobs() {
        return blobs;
    }

    /** All chunks of its files. */
    Collection<Chunk> chunks() {
        return chunks.values();
    }

    ImageFormat format() {
        long flags = metadata.flags();
        Compression compression = Compression.LZ4_BLOCK;
        for (Compression candidate : Compression.values()) {
            compression = (flags & SuperblockFlags.of(candidate)) != 0 ? candidate : compression;
        }
        return new ImageFormat(
                metadata.version() == 5 ? FsVersion.V5 : FsVersion.V6,
                metadata.chunkSize(),
                compression,
                (flags & SuperblockFlags.HASH_SHA256) != 0 ? DigestAlgorithm.SHA256 : DigestAlgorithm.BLAKE3,
                (flags & SuperblockFlags.EXPLICIT_UID_GID) != 0);
    }

    private void read() throws IOException {
        Deque<Open> open = new ArrayDeque<>();
        open.push(new Open(root, metadata.rootIno()));
        while (!open.isEmpty()) {
            Open next = open.pop();
            metadata.readDirectory(next.ino, 0, (name, ino, _, _) -> {
                byte[] bytes = name.toArray(ValueLayout.JAVA_BYTE);
                String text = new String(bytes, StandardCharsets.ISO_8859_1);
                if (!text.equals(".") && !text.equals("..")) {
                    Entry child = entry(bytes, ino);
                    next.directory.put(child);
                    if (child.facts().isDirectory()) {
                        open.push(new Open(child, ino));
                    }
                }
                return true;
            });
        }
    }

    private Entry entry(byte[] name, long ino) throws IOException {
        Attributes a = new Attributes();
        metadata.attributes(ino, a);
        boolean owners = (metadata.flags() & SuperblockFlags.EXPLICIT_UID_GID) != 0;
        Facts facts = new Facts(
                a.mode,
                owners ? a.uid : 0,
                owners ? a.gid : 0,
                a.rdev,
                a.isRegular() ? a.size : 0,
                a.mtimeSeconds,
                a.mtimeNanos);
        byte[] target = facts.isSymlink() ? metadata.symlinkTarget(ino).toArray(ValueLayout.JAVA_BYTE) : new byte[0];
        return new Entry(name, facts, xattrs(ino), target, data(a));
    }

    private List<Xattr> xattrs(long ino) throws IOException {
        String names = new String(metadata.extendedAttributeNames(ino), StandardCharsets.ISO_8859_1);
        List<Xattr> xattrs = new ArrayList<>();
        for (String name : names.split("\0", -1)) {
            if (!name.isEmpty()) {
                MemorySegment key = MemorySegment.ofArray(name.getBytes(StandardCharsets.ISO_8859_1));
                xattrs.add(new Xattr(key, Objects.requireNonNull(metadata.extendedAttribute(ino, key))));
            }
        }
        return EntryRules.xattrs(xattrs, "inode " + ino);
    }

    private FileData data(Attributes a) throws IOException {
        if (!a.isRegular()) {
            return new FileData(null);
        }
        FileData known = files.get(a.ino);
        if (known != null) {
            return known;
        }
        FileData data = new FileData(null);
        long size = metadata.fileSize(a.ino);
        Chunk[] held = new Chunk[Math.toIntExact(PieceBuffer.chunks(size, metadata.chunkSize()))];
        for (int i = 0; i < held.length; i++) {
            held[i] = chunk(a.ino, i);
        }
        data.hold(held);
        files.put(a.ino, data);
        return data;
    }

    private Chunk chunk(long ino, int position) throws IOException {
        int packed = metadata.chunk(ino, position);
        Chunk known = chunks.get(packed);
        if (known != null) {
            return known;
        }
        ChunkRecord record = metadata.chunkRecord(ino, position);
        if (record == null) {
            throw new InvalidImage("inode " + ino + ", chunk " + position
                    + ": the bootstrap's chunk table does not list it, so nothing can be built on this image");
        }
        Chunk chunk = new Chunk(
                record.digest(),
                blobs.get(RafsMetadata.blobOf(packed)),
                RafsMetadata.indexOf(packed),
                record.flags(),
                record.compressedSize(),
                record.uncompressedSize(),
                record.compressedOffset(),
                record.uncompressedOffset(),
                record.crc32c());
        chunks.put(packed, chunk);
        return chunk;
    }
}
