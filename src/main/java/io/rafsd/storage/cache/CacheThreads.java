package io.rafsd.storage.cache;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;

/**
 * The threads of a cache manager, shared by all its blobs. Transfers run on virtual threads, where waiting for a socket is
 * cheap; decompressing and hashing on as many platform threads as there are cores, because they would not let go of a
 * virtual thread's carrier; files on a few platform threads, because they block one; deadlines on one. Their queues are
 * bounded by the memory budget.
 */
final class CacheThreads implements AutoCloseable {

    private static final int DISK_THREADS = 4;

    private final ExecutorService decode = Executors.newFixedThreadPool(
            Runtime.getRuntime().availableProcessors(),
            Thread.ofPlatform().daemon().name("cache-decode-", 0).factory());
    private final ExecutorService disk = Executors.newFixedThreadPool(
            DISK_THREADS, Thread.ofPlatform().daemon().name("cache-disk-", 0).factory());
    private final ExecutorService transfer = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("cache-fetch-", 0).factory());
    private final ExecutorService load = Executors.newThreadPerTaskExecutor(
            Thread.ofPlatform().daemon().name("cache-table-", 0).factory());
    private final ScheduledThreadPoolExecutor clock = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("cache-deadline").factory());

    CacheThreads() {
        // Most deadlines never come: the read has ended long before.
        clock.setRemoveOnCancelPolicy(true);
    }

    ExecutorService decode() {
        return decode;
    }

    ExecutorService disk() {
        return disk;
    }

    ExecutorService transfer() {
        return transfer;
    }

    /** For chunk tables: rare, and they read and sync files besides waiting for the network. */
    ExecutorService load() {
        return load;
    }

    ScheduledExecutorService clock() {
        return clock;
    }

    /** Interrupts nobody and waits for nobody: a transfer may hang in an origin that does not answer. */
    @Override
    public void close() {
        transfer.shutdown();
        load.shutdown();
        decode.shutdown();
        disk.shutdown();
        clock.shutdownNow();
    }
}
