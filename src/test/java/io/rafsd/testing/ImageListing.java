package io.rafsd.testing;

import io.rafsd.blob.BlobInfo;
import io.rafsd.blob.ChunkTable;
import io.rafsd.blob.StoredUnit;
import io.rafsd.filesystem.Attributes;
import io.rafsd.linux.Fd;
import io.rafsd.rafs.metadata.RafsMetadata;
import io.rafsd.storage.backend.BackendConfig;
import io.rafsd.storage.backend.ReadContext;
import io.rafsd.storage.backend.localfs.LocalFsBackend;
import io.rafsd.storage.blobmeta.BlobMetaLoader;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Lists an image, read without mount or cache, every chunk checked against its digest. */
public final class ImageListing {

    private final RafsMetadata metadata;
    private final List<Blob> blobs = new ArrayList<>();
    private final SortedMap<String, TreeListing.Node> found = new TreeMap<>();

    private @Nullable Blob lastBlob;
    private long lastOffset;
    private MemorySegment lastUnit = MemorySegment.NULL;

    private record Blob(BlobInfo info, ChunkTable table, Fd file) {}

    private ImageListing(RafsMetadata metadata) {
        this.metadata = metadata;
    }

    /** @param blobDirectory that holds blobs under their ids */
    public static TreeListing of(Path bootstrap, Path blobDirectory) throws IOException {
        ImageListing listing = new ImageListing(RafsMetadata.open(bootstrap));
        try (LocalFsBackend backend = new LocalFsBackend(new BackendConfig.LocalFs(blobDirectory, null, List.of()))) {
            for (BlobInfo info : listing.metadata.blobs()) {
                Fd file = Fd.open(blobDirectory.resolve(info.id().value()), Fd.O_RDONLY, 0);
                ChunkTable listed = listing.metadata.chunkTable(info.index());
                ChunkTable table = listed != null
                        ? listed
                        : BlobMetaLoader.load(
                                info,
                                backend.blob(info.tableBlob()),
                                null,
                                ReadContext.onDemand(Duration.ofMinutes(1)));
                listing.blobs.add(new Blob(info, table, file));
            }
            listing.list(listing.metadata.rootIno(), ".");
            return new TreeListing(TreeListing.withNames(listing.found));
        } finally {
            listing.blobs.forEach(blob -> blob.file.close());
        }
    }

    private void list(long ino, String path) throws IOException {
        Attributes a = new Attributes();
        metadata.attributes(ino, a);
        boolean link = (a.mode & Attributes.TYPE_MASK) == Attributes.SYMLINK;
        found.put(
                path,
                new TreeListing.Node(
                        a.mode,
                        a.uid,
                        a.gid,
                        a.rdev,
                        1,
                        a.isRegular() ? "inode " + ino : path,
                        a.isRegular() ? a.size : 0,
                        a.mtimeSeconds,
                        a.mtimeNanos,
                        link ? latin(metadata.symlinkTarget(ino)) : "",
                        xattrs(ino),
                        a.isRegular() ? sha256(ino) : ""));
        if (a.isDirectory()) {
            SortedMap<String, Long> children = new TreeMap<>();
            metadata.readDirectory(ino, 0, (name, child, _, _) -> {
                children.put(latin(name), child);
                return true;
            });
            children.remove(".");
            children.remove("..");
            for (String name : children.keySet()) {
                long child = metadata.child(ino, MemorySegment.ofArray(name.getBytes(StandardCharsets.ISO_8859_1)));
                if (child != Objects.requireNonNull(children.get(name))) {
                    throw new AssertionError("looking up " + name + " finds another inode than listing " + path);
                }
                list(child, path.equals(".") ? name : path + "/" + name);
            }
        }
    }

    private SortedMap<String, String> xattrs(long ino) throws IOException {
        SortedMap<String, String> xattrs = new TreeMap<>();
        for (String name :
                TreeListing.latin(metadata.extendedAttributeNames(ino)).split("\0", -1)) {
            if (!name.isEmpty()) {
                MemorySegment value = metadata.extendedAttribute(
                        ino, MemorySegment.ofArray(name.getBytes(StandardCharsets.ISO_8859_1)));
                xattrs.put(name, latin(Objects.requireNonNull(value)));
            }
        }
        return xattrs;
    }

    private String sha256(long ino) throws IOException {
        MessageDigest content = TreeListing.sha256();
        long size = metadata.fileSize(ino);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment plain = arena.allocate(Math.clamp(size, 1, metadata.chunkSize()));
            for (long position = 0; position * metadata.chunkSize() < size; position++) {
                int packed = metadata.chunk(ino, position);
                content.update(chunk(packed, plain).asByteBuffer());
            }
        }
        return HexFormat.of().formatHex(content.digest());
    }

    private MemorySegment chunk(int packed, MemorySegment room) throws IOException {
        int number = RafsMetadata.blobOf(packed);
        int index = RafsMetadata.indexOf(packed);
        Blob blob = blobs.get(number);
        StoredUnit unit = blob.table.unit(index);
        MemorySegment plain = room.asSlice(0, blob.table.uncompressedSize(index));
        plain.copyFrom(decoded(blob, unit).asSlice(blob.table.offsetInUnit(index), plain.byteSize()));
        if (!blob.info
                .digester()
                .digest(plain)
                .equals(metadata.chunkDigests(number).of(index))) {
            throw new AssertionError("chunk " + index + " of blob " + number + " has not its digest");
        }
        return plain;
    }

    /** A unit of many chunks is decoded once for those that follow each other. */
    private MemorySegment decoded(Blob blob, StoredUnit unit) throws IOException {
        if (blob.equals(lastBlob) && lastOffset == unit.offset() && !unit.isSingle()) {
            return lastUnit;
        }
        MemorySegment whole = Arena.ofAuto().allocate(Math.max(1, unit.size())).asSlice(0, unit.size());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment stored = arena.allocate(unit.storedSize());
            blob.file.preadFully(stored, unit.offset());
            unit.encoding().decode(stored, whole);
        }
        lastBlob = blob;
        lastOffset = unit.offset();
        lastUnit = whole;
        return whole;
    }

    private static String latin(MemorySegment bytes) {
        return TreeListing.latin(bytes.toArray(ValueLayout.JAVA_BYTE));
    }
}
