package io.rafsd.control;

import io.rafsd.blob.BlobId;
import io.rafsd.error.InvalidRequest;
import io.rafsd.error.Unsupported;
import io.rafsd.mount.BlobCacheMgr;
import io.rafsd.mount.BlobCacheMgr.BoundImage;
import io.rafsd.mount.BlobEntry;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;

/** {@code /blobs}: entries of the blob cache manager, which only a daemon without a mount answers for. */
final class BlobApi {

    private static final JsonMapper JSON = new JsonMapper();
    private static final String DOMAIN = "domain_id";
    private static final String BLOB = "blob_id";
    private static final String CREATE = "CreateBlobObject(DaemonAbnormal(%s))";
    private static final String DELETE = "DeleteBlobObject(DaemonAbnormal(%s))";
    private static final String CULL = "DeleteBlobFile(DaemonAbnormal(%s))";
    private static final String LIST = "GetBlobObjects(DaemonAbnormal(%s))";

    private final Attached attached;
    private final MountBodies bodies;

    BlobApi(Attached attached, MountBodies bodies) {
        this.attached = attached;
        this.bodies = bodies;
    }

    /** The manager, or null where there is none to speak to. */
    private @Nullable BlobCacheMgr manager() throws IOException {
        return attached.ready().isSingleton() ? attached.mounts().blobs() : null;
    }

    private static Answer unsupported(String word) {
        return ControlErrors.message(501, word.formatted("Unsupported"));
    }

    Answer put(byte[] body) {
        Bodies.Read read = Bodies.read(body);
        if (read.refusal() != null) {
            return read.refusal();
        }
        for (String field : new String[] {"type", "id"}) {
            if (!read.body().path(field).isString()) {
                return Bodies.missingField(field);
            }
        }
        try {
            BlobCacheMgr manager = manager();
            return manager == null ? unsupported(CREATE) : put(manager, read.body());
        } catch (IOException e) {
            return ControlErrors.of(CREATE, e);
        }
    }

    private Answer put(BlobCacheMgr manager, JsonNode body) throws IOException {
        BlobEntry entry;
        try {
            entry = bodies.entry(body);
        } catch (InvalidRequest | Unsupported e) {
            return ControlErrors.message(400, "BadRequest /* " + e.getMessage() + " */");
        }
        String type = body.path("type").asString();
        if (!type.equals("bootstrap")) {
            throw new InvalidRequest("an entry of type '" + type
                    + "' cannot be put: put a bootstrap, which brings the entries of its data blobs");
        }
        manager.add(entry);
        return Answer.noContent();
    }

    Answer delete(Map<String, String> query) {
        String domain = query.get(DOMAIN);
        String blob = query.get(BLOB);
        if (domain == null && blob == null) {
            return ControlErrors.message(400, "BadRequest");
        }
        String word = domain == null ? CULL : DELETE;
        try {
            BlobCacheMgr manager = manager();
            if (manager == null) {
                return unsupported(word);
            }
            if (domain == null) {
                cull(blob == null ? "" : blob);
            } else if (blob == null || blob.isEmpty()) {
                manager.removeDomain(domain);
            } else {
                manager.remove(domain, blob);
            }
            return Answer.noContent();
        } catch (IOException e) {
            return ControlErrors.of(word, e);
        }
    }

    private void cull(String blob) throws IOException {
        if (!BlobId.isLegal(blob)) {
            throw new InvalidRequest("'" + blob + "' is no blob id");
        }
        attached.ready().blobCaches().delete(new BlobId(blob));
    }

    /** Those of a domain, or those of an id, or all. */
    Answer list(Map<String, String> query) {
        try {
            BlobCacheMgr manager = manager();
            return manager == null ? unsupported(LIST) : Answer.ok(list(manager, query.get(DOMAIN), query.get(BLOB)));
        } catch (IOException e) {
            return ControlErrors.of(LIST, e);
        }
    }

    private ArrayNode list(BlobCacheMgr manager, @Nullable String domain, @Nullable String id) {
        ArrayNode entries = JSON.createArrayNode();
        Map<String, BlobEntry> data = new TreeMap<>();
        Map<String, Integer> users = new TreeMap<>();
        for (BoundImage image : manager.images()) {
            BlobEntry entry = image.entry();
            for (String blob : image.info().blobs()) {
                BlobEntry shared = new BlobEntry(entry.domain(), blob, entry.image());
                data.put(shared.key(), shared);
                users.merge(shared.key(), 1, Integer::sum);
            }
            if (isMeant(entry, domain, id)) {
                ArrayNode blobs = entries.addObject()
                        .put("type", "bootstrap")
                        .put("id", entry.id())
                        .put(DOMAIN, entry.domain())
                        .set("config", bodies.describe(entry.image()))
                        .put("metadata_path", entry.image().bootstrap().toString())
                        .putArray("blobs");
                image.info().blobs().forEach(blobs::add);
            }
        }
        data.forEach((key, blob) -> {
            if (isMeant(blob, domain, id)) {
                entries.addObject()
                        .put("type", "datablob")
                        .put("id", blob.id())
                        .put(DOMAIN, blob.domain())
                        .put("users", users.get(key));
            }
        });
        return entries;
    }

    private static boolean isMeant(BlobEntry entry, @Nullable String domain, @Nullable String id) {
        return (domain == null || entry.domain().equals(domain))
                && (id == null || entry.id().equals(id));
    }
}
