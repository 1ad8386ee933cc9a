package io.rafsd.control;

import java.util.Map;

/** {@code /blobs}: entries of a blob cache manager, which a FUSE daemon has none of. */
final class BlobApi {

    Answer put(byte[] body) {
        Bodies.Read read = Bodies.read(body);
        if (read.refusal() != null) {
            return read.refusal();
        }
        if (!read.body().path("type").isString()) {
            return Bodies.missingField("type");
        }
        return ControlErrors.message(501, "CreateBlobObject(DaemonAbnormal(Unsupported))");
    }

    Answer delete(Map<String, String> query) {
        if (!query.containsKey("domain_id") && !query.containsKey("blob_id")) {
            return ControlErrors.message(400, "BadRequest");
        }
        String word = query.containsKey("domain_id") ? "DeleteBlobObject" : "DeleteBlobFile";
        return ControlErrors.message(501, word + "(DaemonAbnormal(Unsupported))");
    }
}
