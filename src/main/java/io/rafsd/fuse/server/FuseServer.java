package io.rafsd.fuse.server;

import io.rafsd.filesystem.FileSystem;
import io.rafsd.fuse.InFlightRequest;
import io.rafsd.fuse.protocol.InitFacts;
import io.rafsd.stats.FileSystemStats;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One FUSE connection's common part: the filesystem, what was agreed at INIT, and the reads that are still to be answered.
 * Workers of their own ({@link RequestHandler}) answer its requests. Safe for many threads.
 */
public final class FuseServer {

    private final FileSystem fileSystem;
    private final FileSystemStats stats;
    private final boolean noOpen;
    private final ReadBuffers buffers = new ReadBuffers(InitFacts.MAX_READ);
    private final AtomicInteger deferred = new AtomicInteger();
    private final Set<InFlightSlot> slots = ConcurrentHashMap.newKeySet();
    private final CountDownLatch initialised = new CountDownLatch(1);
    private volatile @Nullable InitFacts facts;

    /** @param noOpen see {@link io.rafsd.fuse.protocol.InitFlags#NO_OPEN_SUPPORT} */
    public FuseServer(FileSystem fileSystem, FileSystemStats stats, boolean noOpen) {
        this.fileSystem = fileSystem;
        this.stats = stats;
        this.noOpen = noOpen;
    }

    /** A handler for one worker. */
    public RequestHandler newHandler(ReplyChannel channel) {
        return new RequestHandler(this, channel);
    }

    /** Number of the root, which the kernel calls 1. */
    public long rootIno() {
        return fileSystem.rootIno();
    }

    FileSystem fileSystem() {
        return fileSystem;
    }

    FileSystemStats stats() {
        return stats;
    }

    ReadBuffers buffers() {
        return buffers;
    }

    /** See {@link io.rafsd.fuse.protocol.InitFlags#NO_OPEN_SUPPORT}. */
    public boolean isNoOpen() {
        return noOpen;
    }

    /** What was agreed, or null before INIT. */
    public @Nullable InitFacts facts() {
        return facts;
    }

    /** What another process agreed, or what INIT brought. */
    public void initialise(InitFacts agreed) {
        facts = agreed;
        initialised.countDown();
    }

    /** Waits for INIT. @return false if it has not come in time */
    public boolean awaitInit(Duration patience) throws InterruptedException {
        return initialised.await(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** A place to say what is being answered. */
    InFlightSlot newSlot() {
        InFlightSlot slot = new InFlightSlot();
        slots.add(slot);
        return slot;
    }

    /** Requests received and not answered. */
    public List<InFlightRequest> inFlight() {
        return slots.stream()
                .map(InFlightSlot::request)
                .filter(Objects::nonNull)
                .toList();
    }

    void deferredBegins() {
        deferred.incrementAndGet();
    }

    void deferredEnds(InFlightSlot slot) {
        slots.remove(slot);
        if (deferred.decrementAndGet() == 0) {
            synchronized (deferred) {
                deferred.notifyAll();
            }
        }
    }

    /**
     * Waits until no read waits for its bytes any more.
     *
     * @param deadlineNanos as {@link System#nanoTime} counts
     * @return false if some still wait then
     */
    public boolean awaitDeferred(long deadlineNanos) throws InterruptedException {
        synchronized (deferred) {
            while (deferred.get() > 0) {
                long left = (deadlineNanos - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    return false;
                }
                deferred.wait(left);
            }
            return true;
        }
    }
}
