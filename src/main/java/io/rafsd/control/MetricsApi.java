package io.rafsd.control;

import io.rafsd.fuse.InFlightRequest;
import io.rafsd.mount.MountManager.MountInfo;
import io.rafsd.stats.FileRecords;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /metrics}: nydusd's documents of figures, from the counters that Prometheus is told of. */
final class MetricsApi {

    private static final JsonMapper JSON = new JsonMapper();

    private final Attached attached;

    MetricsApi(Attached attached) {
        this.attached = attached;
    }

    Answer fileSystem(Map<String, String> query) {
        return answer("GlobalMetrics", ofPath(query), MetricsDocuments::fileSystem);
    }

    Answer files(Map<String, String> query) {
        Function<MountInfo, JsonNode> document = Bodies.isTrue(query, "latest") ? this::latest : this::counts;
        return answer("FsFilesMetrics", ofPath(query), document);
    }

    Answer pattern(Map<String, String> query) {
        return answer("Pattern", ofPath(query), this::patterns);
    }

    Answer backend(Map<String, String> query) {
        return answer("BackendMetrics", ofPath(query), MetricsDocuments::backend);
    }

    /** Asked for by the id of the configuration, which clients make the same as the path; the path will do. */
    Answer blobCache(Map<String, String> query) {
        String id = query.get("id");
        List<MountInfo> cached = attached.cached();
        MountInfo mount = only(
                cached,
                id,
                of -> id != null
                        && !id.isEmpty()
                        && id.equals(of.spec().settings().id()));
        return answer(
                "BlobcacheMetrics",
                mount == null ? only(cached, id, of -> of.path().equals(id)) : mount,
                MetricsDocuments::blobCache);
    }

    Answer inFlight() {
        if (attached.isSingleton()) {
            return ControlErrors.message(501, "InflightMetrics(DaemonAbnormal(Unsupported))");
        }
        List<InFlightRequest> requests = attached.inFlight();
        if (requests.isEmpty()) {
            return Answer.noContent();
        }
        ArrayNode list = JSON.createArrayNode();
        for (InFlightRequest request : requests) {
            list.addObject()
                    .put("inode", request.ino())
                    .put("opcode", request.opcode())
                    .put("unique", request.unique())
                    .put("timestamp_secs", request.receivedSeconds());
        }
        return Answer.ok(list);
    }

    private @Nullable MountInfo ofPath(Map<String, String> query) {
        String id = query.get("id");
        return only(attached.mounted(), id, mount -> mount.path().equals(id));
    }

    /** The mount that is asked for; where none is named, the only one there is. */
    private static @Nullable MountInfo only(
            List<MountInfo> mounted, @Nullable String id, Function<MountInfo, Boolean> isMeant) {
        if (id == null) {
            return mounted.size() == 1 ? mounted.getFirst() : null;
        }
        return mounted.stream().filter(isMeant::apply).findFirst().orElse(null);
    }

    private static Answer answer(String word, @Nullable MountInfo mount, Function<MountInfo, JsonNode> document) {
        return mount == null
                ? ControlErrors.message(404, word + "(Metrics(Stats(NoCounter)))")
                : Answer.ok(document.apply(mount));
    }

    private JsonNode counts(MountInfo mount) {
        ObjectNode files = JSON.createObjectNode();
        FileRecords records = mount.fileSystemStats().files();
        if (records != null) {
            records.counts().forEach((ino, counts) -> {
                ObjectNode file = files.putObject(ino.toString());
                file.put(
                        "total_fops",
                        MetricsDocuments.total(op -> counts.hits(op).sum()));
                file.put("data_read", counts.readBytes());
                file.set("block_count_read", MetricsDocuments.sizes(counts::readsOfSize));
                file.set(
                        "fop_hits",
                        MetricsDocuments.operations(op -> counts.hits(op).sum()));
                file.set(
                        "fop_errors",
                        MetricsDocuments.operations(op -> counts.errors(op).sum()));
            });
        }
        return files;
    }

    private JsonNode latest(MountInfo mount) {
        ArrayNode ranges = JSON.createArrayNode();
        FileRecords records = mount.fileSystemStats().files();
        if (records != null) {
            for (long[] range : records.takeLatest()) {
                ArrayNode numbers = ranges.addArray();
                for (long ino : range) {
                    numbers.add(ino);
                }
            }
        }
        return ranges;
    }

    private JsonNode patterns(MountInfo mount) {
        ArrayNode files = JSON.createArrayNode();
        FileRecords records = mount.fileSystemStats().files();
        if (records != null) {
            records.patterns()
                    .forEach((ino, pattern) -> files.addObject()
                            .put("ino", ino)
                            .put("nr_read", pattern.reads())
                            .put("first_access_time_secs", pattern.firstMillis() / 1000)
                            .put("first_access_time_nanos", pattern.firstMillis() % 1000 * 1_000_000));
        }
        return files;
    }
}
