package io.rafsd.storage.cache;

import io.rafsd.blob.BlobId;
import io.rafsd.blob.BlobInfo;
import io.rafsd.blob.ChunkDigests;
import io.rafsd.codec.Digest;
import io.rafsd.error.CacheFailure;
import io.rafsd.error.InvalidRequest;
import io.rafsd.error.NotFound;
import io.rafsd.storage.blobmeta.BlobMeta;
import io.rafsd.storage.blobmeta.BlobMetaLoader;
import io.rafsd.storage.chunkmap.FileChunkMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Caches blobs in nydusd's files. Mounts share a blob if they name the same directory and blob id and their images state
 * the same digests; an image that states others is served on its own and keeps nothing, so that one mount cannot put bytes
 * before another's readers.
 *
 * <p>One process per directory is how it is meant, and nothing enforces it: a second one, also nydusd, downloads what it
 * misses itself and writes equal bytes to equal places ({@link FileChunkStore}).
 */
public final class FileBlobCacheManager implements BlobCacheManager {

    private static final Logger log = LoggerFactory.getLogger(FileBlobCacheManager.class);

    /** Memory for chunks on their way where nothing else is asked for, bytes. */
    public static final long DEFAULT_MEMORY_BYTES = 64L << 20;

    private final Transit transit;
    private final ChunkStores stores;
    private final ChunkTableLoader tables;
    private final DedupDatabase dedup;
    private final Map<CacheFiles, OpenBlob> open = new HashMap<>();
    private final Set<Path> directories = new TreeSet<>();
    private boolean closed;

    /**
     * @param memoryBytes for chunks on their way, {@link #DEFAULT_MEMORY_BYTES} if in doubt
     * @param dedup where equal chunks lie in other files; closed with the manager
     */
    public FileBlobCacheManager(long memoryBytes, DedupDatabase dedup) {
        this(
                Transit.within(memoryBytes),
                new ChunkStores(FileChunkMap::open, BootId.current()),
                BlobMetaLoader::load,
                dedup);
    }

    FileBlobCacheManager(Transit transit, ChunkStores stores, ChunkTableLoader tables, DedupDatabase dedup) {
        this.transit = transit;
        this.stores = stores;
        this.tables = tables;
        this.dedup = dedup;
    }

    @Override
    public synchronized BlobCacheLease acquire(BlobSource source) throws IOException {
        BlobMeta.requireSupported(source.info());
        if (closed) {
            throw new CacheFailure("blob " + source.info().id() + " cannot be opened: the cache is shut down");
        }
        Path directory = source.directory().toAbsolutePath().normalize();
        CacheFiles files = new CacheFiles(directory, source.info().id());
        directories.add(directory);
        OpenBlob shared = open.get(files);
        if (shared == null) {
            shared = new OpenBlob(share(files, stores.open(files, source.info())));
            open.put(files, shared);
        } else if (!shared.agreesWith(source)) {
            log.atWarn()
                    .addKeyValue("blob", files.id())
                    .log("image states other digests for this blob than one that is mounted; its chunks are not kept");
            shared = new OpenBlob(share(
                    files,
                    new NoChunkStore("another image is mounted that states other digests for blob " + files.id())));
        }
        return shared.lease(source);
    }

    private SharedBlob share(CacheFiles files, ChunkStore store) {
        return new SharedBlob(files, store, new LazyChunkTable(files, tables, transit.threads()), transit, dedup);
    }

    private void release(OpenBlob shared, LeasedBlobCache cache) {
        cache.close();
        synchronized (this) {
            if (!shared.users.remove(cache) || !shared.users.isEmpty()) {
                return;
            }
            open.remove(shared.blob.files(), shared);
        }
        // Outside the lock, as a slow disk may need long to sync. Who opens the blob meanwhile is to these files what
        // another process would be.
        shared.blob.close();
        dedup.collectGarbage();
    }

    @Override
    public synchronized List<CachedBlob> blobs() {
        List<CachedBlob> found = new ArrayList<>();
        for (OpenBlob shared : open.values()) {
            found.add(shared.describe());
        }
        // Private directories go with their mounts.
        directories.removeIf(directory -> !Files.isDirectory(directory));
        for (Path directory : directories) {
            for (CacheFiles files : UnusedFiles.in(directory)) {
                if (!open.containsKey(files)) {
                    found.add(UnusedFiles.describe(files));
                }
            }
        }
        return found;
    }

    @Override
    public synchronized void delete(BlobId id) throws IOException {
        boolean deleted = false;
        for (Path directory : directories) {
            CacheFiles files = new CacheFiles(directory, id);
            OpenBlob shared = open.get(files);
            if (shared != null) {
                throw new InvalidRequest("blob " + id + " in " + directory + " is used by " + shared.users.size()
                        + " mounts; unmount them first");
            }
            if (UnusedFiles.exists(files)) {
                files.delete();
                deleted = true;
            }
        }
        if (!deleted) {
            throw new NotFound("no blob " + id + " in the cache directories " + directories);
        }
    }

    @Override
    public void close() {
        List<Lease> leases = new ArrayList<>();
        synchronized (this) {
            closed = true;
            for (OpenBlob shared : open.values()) {
                for (LeasedBlobCache cache : shared.users) {
                    leases.add(new Lease(shared, cache));
                }
            }
        }
        leases.forEach(Lease::close);
        transit.close();
        dedup.close();
    }

    /** A blob with those who use it. Guarded by the manager. */
    private final class OpenBlob {

        private final SharedBlob blob;
        private final Set<LeasedBlobCache> users = new HashSet<>();

        OpenBlob(SharedBlob blob) {
            this.blob = blob;
        }

        Lease lease(BlobSource source) {
            LeasedBlobCache cache = new LeasedBlobCache(blob, source, statesAny(source));
            users.add(cache);
            return new Lease(this, cache);
        }

        /** Whether what is verified for the others is verified for this one. */
        boolean agreesWith(BlobSource source) {
            BlobSource other = users.iterator().next().source();
            BlobInfo a = source.info();
            BlobInfo b = other.info();
            return a.chunkCount() == b.chunkCount()
                    && a.uncompressedSize() == b.uncompressedSize()
                    && a.digester() == b.digester()
                    && a.compressor() == b.compressor()
                    && users.stream().allMatch(user -> agree(user.source().digests(), source.digests(), a.chunkCount()))
                    && users.stream()
                            .allMatch(user -> TableAgreement.agree(user.source().table(), source.table()))
                    && statesAny(source)
                    && statesAny(other);
        }

        private boolean agree(ChunkDigests one, ChunkDigests another, int chunks) {
            for (int chunk = 0; chunk < chunks; chunk++) {
                Digest a = one.of(chunk);
                Digest b = another.of(chunk);
                // A chunk that an image does not mention is one that it does not read.
                if (a != null && b != null && !a.equals(b)) {
                    return false;
                }
            }
            return true;
        }

        CachedBlob describe() {
            BlobInfo info = users.iterator().next().source().info();
            return new CachedBlob(
                    info.id(),
                    blob.files().data(),
                    info.uncompressedSize(),
                    blob.store().diskBytes(),
                    info.chunkCount(),
                    blob.store().readyCount(),
                    blob.store().verifiedCount(),
                    users.size());
        }
    }

    private static boolean statesAny(BlobSource source) {
        for (int chunk = 0; chunk < source.info().chunkCount(); chunk++) {
            if (source.digests().of(chunk) != null) {
                return true;
            }
        }
        return false;
    }

    private final class Lease implements BlobCacheLease {

        private final OpenBlob shared;
        private final LeasedBlobCache cache;

        Lease(OpenBlob shared, LeasedBlobCache cache) {
            this.shared = shared;
            this.cache = cache;
        }

        @Override
        public BlobCache cache() {
            return cache;
        }

        @Override
        public void close() {
            release(shared, cache);
        }
    }
}
