package io.rafsd.control;

import io.rafsd.error.InvalidRequest;
import io.rafsd.error.NotFound;
import io.rafsd.mount.MountManager;
import io.rafsd.mount.MountManager.MountInfo;
import io.rafsd.mount.MountSpec;
import io.rafsd.rafs.layout.SuperblockFacts;
import java.io.IOException;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** {@code /mount} and {@code /daemon/backend}: what is mounted, and changes of it. */
final class MountApi {

    private static final JsonMapper JSON = new JsonMapper();
    private static final DateTimeFormatter MOUNTED_TIME = DateTimeFormatter.ofPattern(
                    "yyyy-MM-dd HH:mm:ss.nnnnnnnnn +00:00:00")
            .withZone(ZoneOffset.UTC);
    private static final String MOUNT = "Mount(MountFilesystem(%s))";
    private static final String MOUNTS_NOTHING = "Mount(DaemonAbnormal(Unsupported))";
    private static final String MOUNTPOINT = "mountpoint";
    /** Seconds: the kernel may keep what it knows for ever. */
    private static final long FOR_EVER = 1L << 32;

    private final Attached attached;
    private final MountBodies bodies;

    MountApi(Attached attached, MountBodies bodies) {
        this.attached = attached;
        this.bodies = bodies;
    }

    /** What is mounted, by path. */
    ObjectNode mounts() {
        ObjectNode mounts = JSON.createObjectNode();
        for (MountInfo mount : attached.mounted()) {
            ObjectNode entry = mounts.putObject(mount.path());
            entry.put("backend_type", "Rafs");
            entry.put("mountpoint", mount.path());
            entry.put("mounted_time", MOUNTED_TIME.format(mount.mountedAt()));
            if (mount.spec().settings().erofs() != null) {
                entry.put("transport", "erofs");
            }
            entry.set("config", bodies.describe(mount.spec()));
        }
        return mounts;
    }

    /** The facts of an image's superblock. */
    Answer backend(Map<String, String> query) {
        String path = query.get(MOUNTPOINT);
        if (path == null) {
            return Bodies.missingParameter(MOUNTPOINT);
        }
        for (MountInfo mount : attached.mounted()) {
            if (mount.path().equals(path)) {
                return Answer.ok(facts(mount.facts()));
            }
        }
        return ControlErrors.of("FsBackendInfo(Metrics(Daemon(%s)))", new NotFound("nothing is mounted at " + path));
    }

    private static JsonNode facts(SuperblockFacts facts) {
        ObjectNode node = JSON.createObjectNode();
        node.put("magic", facts.magic())
                .put("version", facts.version())
                .put("sb_size", facts.size())
                .put("root_inode", facts.rootInode())
                .put("chunk_size", facts.chunkSize())
                .put("batch_size", 0)
                .put("inodes_count", facts.inodes());
        node.putObject("flags").put("bits", facts.flags());
        node.put("inode_table_entries", facts.inodeTableEntries())
                .put("inode_table_offset", facts.inodeTableOffset())
                .put("blob_table_size", facts.blobTableSize())
                .put("blob_table_offset", facts.blobTableOffset())
                .put("extended_blob_table_offset", facts.extendedBlobTableOffset())
                .put("extended_blob_table_entries", facts.extendedBlobTableEntries())
                .put("blob_device_table_count", facts.devices())
                .put("blob_device_table_offset", facts.deviceTableOffset())
                .put("prefetch_table_offset", facts.prefetchTableOffset())
                .put("prefetch_table_entries", facts.prefetchTableEntries());
        node.putObject("attr_timeout").put("secs", FOR_EVER).put("nanos", 0);
        node.putObject("entry_timeout").put("secs", FOR_EVER).put("nanos", 0);
        return node.put("is_chunk_dict", false)
                .put("meta_blkaddr", facts.metaBlock())
                .put("root_nid", facts.rootNid())
                .put("chunk_table_offset", facts.chunkTableOffset())
                .put("chunk_table_size", facts.chunkTableSize());
    }

    /** A change of what is mounted. */
    @FunctionalInterface
    private interface Change {
        void apply(MountManager mounts, String path, MountSpec spec) throws IOException;
    }

    Answer mount(Map<String, String> query, byte[] body) {
        return change(query, body, MountManager::mount);
    }

    Answer remount(Map<String, String> query, byte[] body) {
        return change(query, body, MountManager::remount);
    }

    private Answer change(Map<String, String> query, byte[] body, Change change) {
        String path = query.get(MOUNTPOINT);
        if (path == null) {
            return Bodies.missingParameter(MOUNTPOINT);
        }
        Bodies.Read read = Bodies.read(body);
        if (read.refusal() != null) {
            return read.refusal();
        }
        JsonNode root = read.body();
        for (String field : List.of("source", "config")) {
            if (!root.path(field).isString()) {
                return Bodies.missingField(field);
            }
        }
        List<String> prefetch = new ArrayList<>();
        for (JsonNode file : root.path("prefetch_files")) {
            prefetch.add(file.asString(""));
        }
        if (attached.isSingleton()) {
            return ControlErrors.message(501, MOUNTS_NOTHING);
        }
        try {
            // What is wrong in itself need not wait for a daemon that has not come up.
            MountSpec spec = bodies.parse(
                    root.path("source").asString(),
                    root.path("fs_type").asString("rafs"),
                    root.path("config").asString(),
                    prefetch);
            if (attached.ready().isSingleton()) {
                return ControlErrors.message(501, MOUNTS_NOTHING);
            }
            change.apply(
                    attached.mounts(),
                    path,
                    spec.atErofs(erofs(root.path("transport").asString(""), path)));
            return Answer.noContent();
        } catch (IOException e) {
            return ControlErrors.of(MOUNT, e);
        }
    }

    /** The directory that the kernel's EROFS mounts at, if a request asks for that. */
    private static @Nullable Path erofs(String transport, String path) throws InvalidRequest {
        return switch (transport) {
            case "", "fuse" -> null;
            case "erofs" -> Path.of(path);
            default -> throw new InvalidRequest("transport '" + transport + "' is unknown; a mount has fuse or erofs");
        };
    }

    Answer unmount(Map<String, String> query) {
        String path = query.get(MOUNTPOINT);
        if (path == null) {
            return Bodies.missingParameter(MOUNTPOINT);
        }
        try {
            attached.mounts().unmount(path);
            return Answer.noContent();
        } catch (IOException e) {
            return ControlErrors.of(MOUNT, e);
        }
    }
}
