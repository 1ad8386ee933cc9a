package io.rafsd.control;

import io.rafsd.mount.MountManager.MountInfo;
import io.rafsd.mount.MountSpec;
import io.rafsd.stats.BackendStats;
import io.rafsd.stats.CacheStats;
import io.rafsd.stats.FileRecords;
import io.rafsd.stats.FileRecords.Wish;
import io.rafsd.stats.FileSystemStats;
import io.rafsd.stats.FileSystemStats.Operation;
import io.rafsd.stats.Latency;
import io.rafsd.stats.Sizes;
import java.util.Arrays;
import java.util.Set;
import java.util.function.IntToLongFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * nydusd's three documents of figures, with its names, orders and bounds, on which clients rely. Each figure is cumulative
 * since the mount.
 */
final class MetricsDocuments {

    private static final JsonMapper JSON = new JsonMapper();
    private static final long MICRO = 1_000;
    private static final long MILLI = 1_000_000;

    /** nydusd's numbers of operations; it never counts those that are null here. */
    private static final @Nullable Operation[] OPERATIONS = {
        Operation.GETATTR,
        Operation.READLINK,
        null,
        null,
        Operation.READ,
        null,
        Operation.GETXATTR,
        Operation.LISTXATTR,
        null,
        Operation.LOOKUP,
        Operation.READDIR,
        Operation.READDIRPLUS,
        null,
        null,
        null
    };

    /** Upper bounds of reads' latencies, nanoseconds. */
    private static final long[] READ_BOUNDS = {
        200 * MICRO, MILLI, 20 * MILLI, 50 * MILLI, 500 * MILLI, 1000 * MILLI, 2000 * MILLI
    };

    /** Upper bounds of backends' latencies, nanoseconds. */
    private static final long[] BACKEND_BOUNDS = {
        MILLI, 20 * MILLI, 50 * MILLI, 100 * MILLI, 500 * MILLI, 1000 * MILLI, 2000 * MILLI
    };

    private MetricsDocuments() {}

    static JsonNode fileSystem(MountInfo mount) {
        FileSystemStats stats = mount.fileSystemStats();
        FileRecords files = stats.files();
        ObjectNode node = JSON.createObjectNode();
        node.put("files_account_enabled", files != null && files.keeps(Wish.COUNTS))
                .put("access_pattern_enabled", files != null && files.keeps(Wish.PATTERN))
                .put("record_latest_read_files_enabled", files != null && files.keeps(Wish.LATEST))
                .put("measure_latency", true)
                .put("id", mount.path())
                .put("nr_opens", 0)
                .put("data_read", stats.readBytes.sum());
        node.set("block_count_read", sizes(stats::readsOfSize));
        node.set("fop_hits", operations(operation -> stats.latency(operation).count()));
        node.set("fop_errors", operations(operation -> stats.errors(operation).sum()));
        Latency reads = stats.latency(Operation.READ);
        node.set(
                "fop_cumulative_latency_total",
                operations(operation -> operation == Operation.READ ? reads.totalNanos() / MICRO : 0));
        node.set("read_latency_dist", numbers(reads.distribution(READ_BOUNDS)));
        return node;
    }

    static JsonNode backend(MountInfo mount) {
        BackendStats stats = mount.backendStats();
        ObjectNode node = JSON.createObjectNode();
        node.put("backend_type", backendType(mount.spec()))
                .put("read_count", stats.requests.count())
                .put("read_errors", stats.errors.sum())
                .put("read_amount_total", stats.bytes.sum())
                .put("read_cumulative_latency_millis_total", stats.requests.totalNanos() / MILLI);
        node.set(
                "read_cumulative_latency_millis_dist",
                sizes(size -> stats.ofSize(size).totalNanos() / MILLI));
        node.set("read_count_block_size_dist", sizes(size -> stats.ofSize(size).count()));
        ArrayNode latencies = node.putArray("read_latency_sizes_dist");
        for (int size = 0; size < Sizes.CLASSES; size++) {
            latencies.add(numbers(stats.ofSize(size).distribution(BACKEND_BOUNDS)));
        }
        return node;
    }

    private static String backendType(MountSpec spec) {
        return switch (spec) {
            case MountSpec.LocalBootstrap local -> local.backend().type();
            case MountSpec.ByReference named -> named.registry().type();
        };
    }

    /** {@code underlying_files} names every cache file in use: what is not named may be deleted by who asks. */
    static JsonNode blobCache(MountInfo mount) {
        CacheStats stats = mount.cacheStats();
        ObjectNode node = JSON.createObjectNode();
        ArrayNode files = node.putArray("underlying_files");
        for (String blob : Set.copyOf(mount.blobs())) {
            files.add(blob + ".blob.data");
        }
        long hits = stats.hits.sum();
        node.put("store_path", mount.cacheDirectory().toString())
                .put("partial_hits", 0)
                .put("whole_hits", hits)
                .put("total", hits + stats.misses.sum())
                .put("entries_count", stats.chunksFetched.sum())
                .put("prefetch_data_amount", stats.prefetchedBytes.sum())
                .put("prefetch_requests_count", stats.prefetchRequests.sum())
                .put("prefetch_workers", 0)
                .put("prefetch_unmerged_chunks", 0)
                .put("prefetch_cumulative_time_millis", Math.max(0, stats.prefetchEnded() - stats.prefetchBegan()));
        time(node, "prefetch_begin_time_", stats.prefetchBegan());
        time(node, "prefetch_end_time_", stats.prefetchEnded());
        return node.put("buffered_backend_size", 0).put("data_all_ready", false);
    }

    private static void time(ObjectNode node, String prefix, long epochMillis) {
        node.put(prefix + "secs", epochMillis / 1000).put(prefix + "millis", epochMillis % 1000);
    }

    /** One number for each of nydusd's operations. */
    static ArrayNode operations(ToLongFunction<Operation> of) {
        ArrayNode array = JSON.createArrayNode();
        for (@Nullable Operation operation : OPERATIONS) {
            array.add(operation == null ? 0 : of.applyAsLong(operation));
        }
        return array;
    }

    /** Over all of nydusd's operations. */
    static long total(ToLongFunction<Operation> of) {
        return Arrays.stream(Operation.values())
                .filter(Arrays.asList(OPERATIONS)::contains)
                .mapToLong(of)
                .sum();
    }

    /** One number for each class of sizes. */
    static ArrayNode sizes(IntToLongFunction of) {
        ArrayNode array = JSON.createArrayNode();
        for (int size = 0; size < Sizes.CLASSES; size++) {
            array.add(of.applyAsLong(size));
        }
        return array;
    }

    private static ArrayNode numbers(long[] values) {
        ArrayNode array = JSON.createArrayNode();
        for (long value : values) {
            array.add(value);
        }
        return array;
    }
}
