package io.rafsd.erofs;

import io.rafsd.error.Errno;
import io.rafsd.error.PosixError;
import io.rafsd.filesystem.Attributes;
import io.rafsd.filesystem.FileSystem;
import io.rafsd.filesystem.ReadReply;
import io.rafsd.rafs.metadata.RafsMetadata;
import io.rafsd.storage.backend.ReadContext;
import io.rafsd.storage.cache.BlobCache.ChunkSlice;
import io.rafsd.storage.cache.BlobCache.Completion;
import io.rafsd.storage.device.BlobDevice;
import io.rafsd.storage.device.BlobDevice.DeviceSlice;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The blobs of an image as the kernel's EROFS wants its devices: one directory for nobody but root, with a file for each
 * blob, named by its index, that holds the blob's uncompressed address space and is filled, and verified, as it is read.
 * Between the chunks are zeros, as in a cache file. A file ends with its blob, rounded up to 4096 bytes. Safe for many
 * threads.
 */
public final class BlobFiles implements FileSystem {

    private static final long ROOT = 1;
    private static final long FIRST_FILE = 2;
    private static final long BLOCK = 4096;

    private final List<BlobMap> maps;
    private final long[] sizes;
    private final BlobDevice device;
    private final Duration readTimeout;
    private final boolean pageCache;

    /**
     * @param metadata of the image, every inode of which is looked at
     * @param device with its blobs, in the order of its blob table
     * @param readTimeout after which a read that waits for a backend fails
     * @param pageCache whether the kernel keeps a copy of the files beside that of EROFS
     * @throws io.rafsd.error.InvalidImage if a file breaks a rule
     */
    public BlobFiles(RafsMetadata metadata, BlobDevice device, Duration readTimeout, boolean pageCache)
            throws IOException {
        this.maps = BlobMap.of(metadata);
        this.sizes = metadata.blobs().stream()
                .mapToLong(blob -> (blob.uncompressedSize() + BLOCK - 1) / BLOCK * BLOCK)
                .toArray();
        this.device = device;
        this.readTimeout = readTimeout;
        this.pageCache = pageCache;
    }

    @Override
    public long rootIno() {
        return ROOT;
    }

    @Override
    public boolean lookup(long parent, MemorySegment name, Attributes found) throws IOException {
        if (parent != ROOT) {
            throw new PosixError(Errno.ENOTDIR, "blob files hold nothing");
        }
        String text = new String(name.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1);
        for (int blob = 0; blob < sizes.length; blob++) {
            if (text.equals(Integer.toString(blob))) {
                attributes(FIRST_FILE + blob, found);
                return true;
            }
        }
        return false;
    }

    @Override
    public boolean remembersAbsence(long parent) {
        return true;
    }

    @Override
    public boolean bypassesPageCache(long ino) {
        return !pageCache && ino != ROOT;
    }

    @Override
    public void attributes(long ino, Attributes found) throws IOException {
        boolean directory = ino == ROOT;
        found.ino = ino;
        found.mode = directory ? Attributes.DIRECTORY | 0500 : Attributes.REGULAR | 0400;
        found.nlink = directory ? 2 : 1;
        found.uid = 0;
        found.gid = 0;
        found.rdev = 0;
        found.size = directory ? 0 : sizes[blob(ino)];
        found.blocks = found.size / 512;
        found.blockSize = (int) BLOCK;
        found.mtimeSeconds = 0;
        found.mtimeNanos = 0;
        found.generation = 0;
    }

    private int blob(long ino) throws PosixError {
        if (ino < FIRST_FILE || ino >= FIRST_FILE + sizes.length) {
            throw new PosixError(Errno.ENOENT, "no blob has the inode number " + ino);
        }
        return (int) (ino - FIRST_FILE);
    }

    @Override
    public void read(long ino, long offset, int size, ReadReply reply) {
        int blob;
        try {
            blob = blob(ino);
            if (offset < 0 || size < 0) {
                throw new PosixError(Errno.EINVAL, "no range: " + size + " bytes from " + offset);
            }
        } catch (PosixError e) {
            reply.fail(e);
            return;
        }
        int length = Math.clamp(sizes[blob] - offset, 0, size);
        if (length == 0 || readIfReady(blob, offset, reply.buffer().asSlice(0, length))) {
            reply.complete(length);
        } else {
            readLater(blob, offset, length, reply.defer());
        }
    }

    private boolean readIfReady(int blob, long offset, MemorySegment buffer) {
        BlobMap map = maps.get(blob);
        long end = offset + buffer.byteSize();
        long done = offset;
        for (int first = map.firstBehind(offset); first < map.size() && map.address(first) < end; first++) {
            int last = first;
            while (map.isFollowed(last) && map.address(last + 1) < end) {
                last++;
            }
            long from = Math.max(done, map.address(first));
            long to = Math.min(end, map.address(last) + map.length(last));
            buffer.asSlice(done - offset, from - done).fill((byte) 0);
            long inFirst = from - map.address(first);
            if (!device.readIfReady(
                    blob,
                    map.chunk(first),
                    map.chunk(last),
                    map.address(first),
                    (int) inFirst,
                    buffer.asSlice(from - offset, to - from))) {
                return false;
            }
            done = to;
            first = last;
        }
        buffer.asSlice(done - offset).fill((byte) 0);
        return true;
    }

    private void readLater(int blob, long offset, int length, ReadReply reply) {
        MemorySegment buffer = reply.buffer().asSlice(0, length);
        buffer.fill((byte) 0);
        BlobMap map = maps.get(blob);
        long end = offset + length;
        List<DeviceSlice> slices = new ArrayList<>();
        for (int i = map.firstBehind(offset); i < map.size() && map.address(i) < end; i++) {
            long from = Math.max(offset, map.address(i));
            long to = Math.min(end, map.address(i) + map.length(i));
            slices.add(new DeviceSlice(
                    blob,
                    new ChunkSlice(
                            map.chunk(i),
                            map.address(i),
                            (int) (from - map.address(i)),
                            buffer.asSlice(from - offset, to - from))));
        }
        device.read(slices, ReadContext.onDemand(readTimeout), new Completion() {
            @Override
            public void done() {
                reply.complete(length);
            }

            @Override
            public void failed(IOException failure) {
                reply.fail(failure);
            }
        });
    }

    @Override
    public void readDirectory(long ino, long cookie, DirectorySink sink) throws IOException {
        if (ino != ROOT) {
            throw new PosixError(Errno.ENOTDIR, "blob files hold nothing");
        }
        for (long at = cookie; at < 2 + sizes.length; at++) {
            boolean dots = at < 2;
            String name = at == 0 ? "." : at == 1 ? ".." : Long.toString(at - 2);
            if (!sink.entry(
                    MemorySegment.ofArray(name.getBytes(StandardCharsets.US_ASCII)),
                    dots ? ROOT : FIRST_FILE + at - 2,
                    dots ? Attributes.DIRECTORY : Attributes.REGULAR,
                    at + 1)) {
                return;
            }
        }
    }

    @Override
    public MemorySegment readLink(long ino) throws IOException {
        throw new PosixError(Errno.EINVAL, "inode " + ino + " is no symbolic link");
    }

    @Override
    public @Nullable MemorySegment extendedAttribute(long ino, MemorySegment name) {
        return null;
    }

    @Override
    public byte[] extendedAttributeNames(long ino) {
        return new byte[0];
    }

    @Override
    public boolean hasExtendedAttributes() {
        return false;
    }

    @Override
    public StatFs statFs() {
        long blocks = 0;
        for (long size : sizes) {
            blocks += size / BLOCK;
        }
        return new StatFs(1 + sizes.length, blocks);
    }

    /** The device belongs to who made it. */
    @Override
    public void close() {}
}
