package io.rafsd.rafs.fs;

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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One RAFS image as a filesystem. Inode numbers are the image's. A read whose chunks are all on local disk is answered at
 * once: chunks that lie side by side in a blob's uncompressed address space are one positioned read, straight into the
 * reply. Any other read is deferred, and answered by the cache when the last of its chunks has come. Safe for many
 * threads.
 */
public final class RafsFileSystem implements FileSystem {

    private final RafsMetadata metadata;
    private final BlobDevice device;
    private final Duration readTimeout;
    private final long blocks;

    /**
     * @param metadata of the image
     * @param device with its blobs, in the order of its blob table
     * @param readTimeout after which a read that waits for a backend fails
     */
    public RafsFileSystem(RafsMetadata metadata, BlobDevice device, Duration readTimeout) {
        this.metadata = metadata;
        this.device = device;
        this.readTimeout = readTimeout;
        this.blocks =
                metadata.blobs().stream().mapToLong(b -> b.uncompressedSize()).sum() / 4096;
    }

    @Override
    public long rootIno() {
        return metadata.rootIno();
    }

    @Override
    public boolean lookup(long parent, MemorySegment name, Attributes found) throws IOException {
        long child = metadata.child(parent, name);
        if (child == RafsMetadata.ABSENT) {
            return false;
        }
        metadata.attributes(child, found);
        return true;
    }

    @Override
    public boolean remembersAbsence(long parent) {
        return true;
    }

    @Override
    public void attributes(long ino, Attributes found) throws IOException {
        metadata.attributes(ino, found);
    }

    @Override
    public MemorySegment readLink(long ino) throws IOException {
        return metadata.symlinkTarget(ino);
    }

    @Override
    public void read(long ino, long offset, int size, ReadReply reply) {
        int length;
        boolean ready;
        try {
            length = clip(ino, offset, size);
            ready = length == 0 || readIfReady(ino, offset, length, reply.buffer());
        } catch (IOException e) {
            reply.fail(e);
            return;
        }
        if (ready) {
            reply.complete(length);
        } else {
            readLater(ino, offset, length, reply.defer());
        }
    }

    /** How many bytes of the wanted ones the file has. */
    private int clip(long ino, long offset, int size) throws IOException {
        if (offset < 0 || size < 0 || offset + size < 0) {
            throw new PosixError(Errno.EINVAL, "no range: " + size + " bytes from " + offset);
        }
        long fileSize = metadata.fileSize(ino);
        return (int) Math.max(0, Math.min(size, fileSize - offset));
    }

    private boolean readIfReady(long ino, long offset, int length, MemorySegment buffer) throws IOException {
        int chunkSize = metadata.chunkSize();
        long position = offset / chunkSize;
        long end = offset + length;
        long done = offset;
        while (done < end) {
            int first = metadata.chunk(ino, position);
            long start = metadata.chunkOffset(ino, position);
            int last = first;
            long runEnd = (position + 1) * chunkSize;
            // Following chunks join while they follow in the same blob as well; behind its last possible chunk, the
            // packed
            // number of the next is that of the next blob's first.
            while (runEnd < end) {
                long next = position + 1;
                int following = metadata.chunk(ino, next);
                if (following != last + 1
                        || RafsMetadata.blobOf(following) != RafsMetadata.blobOf(first)
                        || metadata.chunkOffset(ino, next)
                                != start + (next * chunkSize - chunkStart(done, chunkSize))) {
                    break;
                }
                last = following;
                position = next;
                runEnd = (position + 1) * chunkSize;
            }
            long stop = Math.min(end, runEnd);
            MemorySegment target = buffer.asSlice(done - offset, stop - done);
            if (!device.readIfReady(
                    RafsMetadata.blobOf(first),
                    RafsMetadata.indexOf(first),
                    RafsMetadata.indexOf(last),
                    start,
                    (int) (done % chunkSize),
                    target)) {
                return false;
            }
            done = stop;
            position++;
        }
        return true;
    }

    private static long chunkStart(long offset, int chunkSize) {
        return offset - offset % chunkSize;
    }

    private void readLater(long ino, long offset, int length, ReadReply reply) {
        List<DeviceSlice> slices;
        try {
            slices = slices(ino, offset, length, reply.buffer());
        } catch (IOException e) {
            reply.fail(e);
            return;
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

    private List<DeviceSlice> slices(long ino, long offset, int length, MemorySegment buffer) throws IOException {
        int chunkSize = metadata.chunkSize();
        List<DeviceSlice> slices = new ArrayList<>();
        long end = offset + length;
        for (long done = offset; done < end; ) {
            int inChunk = (int) (done % chunkSize);
            long stop = Math.min(end, done - inChunk + chunkSize);
            int chunk = metadata.chunk(ino, done / chunkSize);
            slices.add(new DeviceSlice(
                    RafsMetadata.blobOf(chunk),
                    new ChunkSlice(
                            RafsMetadata.indexOf(chunk),
                            metadata.chunkOffset(ino, done / chunkSize),
                            inChunk,
                            buffer.asSlice(done - offset, stop - done))));
            done = stop;
        }
        return slices;
    }

    @Override
    public void readDirectory(long ino, long cookie, DirectorySink sink) throws IOException {
        metadata.readDirectory(ino, cookie, sink);
    }

    @Override
    public @Nullable MemorySegment extendedAttribute(long ino, MemorySegment name) throws IOException {
        return metadata.extendedAttribute(ino, name);
    }

    @Override
    public byte[] extendedAttributeNames(long ino) throws IOException {
        return metadata.extendedAttributeNames(ino);
    }

    @Override
    public boolean hasExtendedAttributes() {
        return metadata.hasExtendedAttributes();
    }

    @Override
    public StatFs statFs() {
        return new StatFs(metadata.inodeCount(), blocks);
    }

    /** The metadata goes with the last who holds it; the device belongs to who made it. */
    @Override
    public void close() {}
}
