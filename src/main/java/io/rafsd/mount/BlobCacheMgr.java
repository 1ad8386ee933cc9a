package io.rafsd.mount;

import io.rafsd.error.AlreadyExists;
import io.rafsd.error.InvalidRequest;
import io.rafsd.error.NotFound;
import io.rafsd.error.Unsupported;
import io.rafsd.mount.MountManager.MountInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Images that are held without being mounted: their blobs are open in the cache, are fetched in advance where that is asked
 * for, and cannot be deleted meanwhile. Each has an entry {@code domain/id}, and one for each of its blobs, which the images
 * of a domain share. There is one in a process. Safe for many threads; bound one at a time.
 */
public final class BlobCacheMgr implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(BlobCacheMgr.class);
    private static final int RAFS_V6 = 0x600;

    private final ImageAssembly assembly;
    private final Map<String, Bound> bound = new TreeMap<>();
    private volatile List<Bound> listed = List.of();

    BlobCacheMgr(ImageAssembly assembly) {
        this.assembly = assembly;
    }

    /**
     * A bound image.
     *
     * @param entry as it was put
     * @param info of the image
     */
    public record BoundImage(BlobEntry entry, MountInfo info) {}

    /** An image with what it holds. */
    private record Bound(BlobEntry entry, MountedImage image) {

        BoundImage told() {
            return new BoundImage(entry, image.info());
        }
    }

    /**
     * Binds an image; nothing is bound after a failure.
     *
     * @throws AlreadyExists if the key is taken
     * @throws Unsupported if it is not of RAFS v6
     */
    public synchronized void add(BlobEntry entry) throws IOException {
        check(entry);
        if (bound.containsKey(entry.key())) {
            throw new AlreadyExists("blob_cache: bootstrap blob already exists: " + entry.key());
        }
        MountedImage image = assembly.assemble(entry.key(), entry.image(), Instant.now());
        if (image.info().facts().version() != RAFS_V6) {
            image.close();
            throw new Unsupported("bootstrap " + entry.image().bootstrap()
                    + " is not of RAFS v6, which a blob cache entry must be; convert it with --fs-version 6");
        }
        bound.put(entry.key(), new Bound(entry, image));
        publish();
        image.warmUp();
        log.atInfo()
                .addKeyValue("blobs", image.info().blobs().size())
                .log("bound {} as {}", image.source(), entry.key());
    }

    private static void check(BlobEntry entry) throws InvalidRequest {
        if (entry.id().isEmpty() || entry.id().contains("/") || entry.domain().contains("/")) {
            throw new InvalidRequest("blob id '" + entry.id() + "' and domain '" + entry.domain()
                    + "' must be names without '/', and the id not empty");
        }
        Path cache = entry.image().settings().cacheDirectory();
        if (cache == null || !Files.isDirectory(cache)) {
            throw new InvalidRequest(
                    "cache directory " + cache + " is none that exists; make it, or name another as work_dir");
        }
    }

    /**
     * Releases the image of this key.
     *
     * @throws NotFound if there is none
     */
    public synchronized void remove(String domain, String id) throws NotFound {
        String key = BlobEntry.key(domain, id);
        Bound image = bound.remove(key);
        if (image == null) {
            throw new NotFound("blob_cache: cache entry not found: " + key);
        }
        release(image);
    }

    /** Releases all images of a domain; it need not have any. */
    public synchronized void removeDomain(String domain) {
        for (Bound image : List.copyOf(bound.values())) {
            if (image.entry.domain().equals(domain)) {
                bound.remove(image.entry.key());
                release(image);
            }
        }
    }

    private void release(Bound image) {
        publish();
        assembly.hotSettings().forget(image.entry.key());
        image.image.close();
        log.atInfo().log("released {}", image.entry.key());
    }

    /** What is bound, by key. Never waits. */
    public List<BoundImage> images() {
        return listed.stream().map(Bound::told).toList();
    }

    /** The keys by which a blob is held, its images' and its own. */
    public List<String> holders(String blob) {
        TreeSet<String> keys = new TreeSet<>();
        for (Bound image : listed) {
            if (image.image.info().blobs().contains(blob)) {
                keys.add(image.entry.key());
                keys.add(BlobEntry.key(image.entry.domain(), blob));
            }
        }
        return List.copyOf(keys);
    }

    private void publish() {
        listed = List.copyOf(bound.values());
    }

    @Override
    public synchronized void close() {
        for (Bound image : List.copyOf(bound.values())) {
            bound.remove(image.entry.key());
            release(image);
        }
    }
}
