package io.rafsd.storage.cache;

import io.rafsd.codec.Digest;
import io.rafsd.codec.DigestAlgorithm;
import io.rafsd.error.CacheFailure;
import io.rafsd.error.PosixError;
import io.rafsd.linux.Fd;
import io.rafsd.linux.FileFacts;
import io.rafsd.storage.chunkmap.ChunkMap;
import io.rafsd.storage.chunkmap.MemoryChunkMap;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chunks in nydusd's cache files, with our record of them beside.
 *
 * <p><b>What is believed.</b> A set bit of the chunk map says that somebody wrote the chunk: we, nydusd, which may not have
 * verified it, or a disk that lost the data behind the bit. So the first use of a chunk in this process reads all of it
 * and compares it: with the CRC-32C of our own record where there is one that may be believed ({@link Sidecar}), else with
 * the digest that the image states. A chunk with neither is absent. After that the chunk is believed for the life of this
 * store.
 *
 * <p><b>Order.</b> Data, record, chunk map, belief. Killed between any two, the process leaves: data that nobody knows of
 * (fetched again), a record without a bit (not asked for), or a bit with record and data.
 *
 * <p><b>Other processes</b> may use the same files. All write the same bytes to the same place, as the chunk of a blob is
 * always the same. Who evicts clears the bit before it throws the data away, so a reader looks at the bit once more after
 * it has read.
 */
final class FileChunkStore implements ChunkStore {

    private static final Logger log = LoggerFactory.getLogger(FileChunkStore.class);

    private final Fd data;
    private final ChunkMap map;
    private final Sidecar sidecar;
    private final MemoryChunkMap verified;
    private final UseGate gate = new UseGate();

    /** Takes over what it is given. */
    FileChunkStore(Fd data, ChunkMap map, Sidecar sidecar) {
        this.data = data;
        this.map = map;
        this.sidecar = sidecar;
        this.verified = new MemoryChunkMap(map.chunkCount());
    }

    @Override
    public boolean areVerified(int firstChunk, int lastChunk) {
        return areAll(verified, firstChunk, lastChunk);
    }

    @Override
    public boolean read(int firstChunk, int lastChunk, long offset, MemorySegment destination) {
        if (!areAll(verified, firstChunk, lastChunk) || !gate.enter()) {
            return false;
        }
        try {
            return data.pread(destination, offset) == destination.byteSize() && areAll(map, firstChunk, lastChunk);
        } catch (PosixError e) {
            return false;
        } finally {
            gate.leave();
        }
    }

    private static boolean areAll(ChunkMap chunks, int first, int last) {
        for (int chunk = first; chunk <= last; chunk++) {
            if (!chunks.isReady(chunk)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public boolean isReady(int chunk) {
        if (!gate.enter()) {
            return false;
        }
        try {
            return map.isReady(chunk);
        } finally {
            gate.leave();
        }
    }

    @Override
    public Found check(
            int chunk, long offset, MemorySegment bytes, DigestAlgorithm algorithm, @Nullable Digest digest) {
        if (!gate.enter()) {
            return Found.ABSENT;
        }
        try {
            data.preadFully(bytes, offset);
            Found found = compare(chunk, bytes, algorithm, digest);
            if (!map.isReady(chunk)) {
                return Found.ABSENT;
            }
            switch (found) {
                case RECORDED -> verified.markReady(chunk);
                case DIGESTED -> {
                    verified.markReady(chunk);
                    recordLeniently(chunk, bytes, digest);
                }
                case CORRUPT, ABSENT -> drop(chunk);
            }
            return found;
        } catch (IOException e) {
            log.atWarn().addKeyValue("chunk", chunk).log("cached chunk counts as absent: {}", e.getMessage());
            drop(chunk);
            return Found.ABSENT;
        } finally {
            gate.leave();
        }
    }

    private Found compare(int chunk, MemorySegment bytes, DigestAlgorithm algorithm, @Nullable Digest digest)
            throws PosixError {
        if (sidecar.hasRecord(chunk, Checksums.crc32c(bytes), digest)) {
            return Found.RECORDED;
        }
        if (digest == null) {
            return Found.ABSENT;
        }
        return algorithm.digest(bytes).equals(digest) ? Found.DIGESTED : Found.CORRUPT;
    }

    private void recordLeniently(int chunk, MemorySegment bytes, @Nullable Digest digest) {
        try {
            sidecar.record(chunk, Checksums.crc32c(bytes), digest);
        } catch (PosixError e) {
            // The chunk is right all the same; it will be hashed once more after the next start.
            log.atDebug().addKeyValue("chunk", chunk).log("no record of a verified chunk: {}", e.getMessage());
        }
    }

    @Override
    public void forget(int chunk) {
        if (gate.enter()) {
            try {
                drop(chunk);
            } finally {
                gate.leave();
            }
        }
    }

    private void drop(int chunk) {
        verified.clear(chunk);
        try {
            map.clear(chunk);
        } catch (IOException e) {
            log.atWarn()
                    .addKeyValue("chunk", chunk)
                    .log("chunk map keeps a chunk that is not there: {}", e.getMessage());
        }
    }

    @Override
    public void store(StoredRun run) throws IOException {
        if (!gate.enter()) {
            throw new CacheFailure("the blob is not mounted any more");
        }
        try {
            data.pwriteFully(run.bytes(), run.offset());
            sidecar.record(run);
            for (int chunk = run.firstChunk(); chunk <= run.lastChunk(); chunk++) {
                map.markReady(chunk);
                verified.markReady(chunk);
            }
        } finally {
            gate.leave();
        }
    }

    @Override
    public int readyCount() {
        if (!gate.enter()) {
            return 0;
        }
        try {
            return map.readyCount();
        } finally {
            gate.leave();
        }
    }

    @Override
    public int verifiedCount() {
        return verified.readyCount();
    }

    @Override
    public long diskBytes() {
        if (!gate.enter()) {
            return 0;
        }
        try {
            return FileFacts.of(data).diskBytes();
        } catch (PosixError e) {
            return 0;
        } finally {
            gate.leave();
        }
    }

    @Override
    public void close() {
        gate.closeAndAwait();
        map.close();
        try {
            data.syncData();
            sidecar.markClean();
        } catch (PosixError e) {
            log.atWarn()
                    .log("cache file was not closed cleanly, its chunks are hashed after a reboot: {}", e.getMessage());
        }
        sidecar.close();
        data.close();
    }
}
