package io.rafsd.demo.registry;

import io.rafsd.error.InvalidImage;
import io.rafsd.oci.Descriptor;
import io.rafsd.oci.Manifest;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;

/** Manifests in memory, by repository and by tag or digest. Safe for many threads. */
final class ManifestShelf {

    private final BlobShelf blobs;
    private final Map<String, Map<String, Stored>> repositories = new ConcurrentHashMap<>();

    /** A manifest as it was pushed. */
    static final class Stored {

        private final String mediaType;
        private final String digest;
        private final byte[] json;

        private Stored(String mediaType, String digest, byte[] json) {
            this.mediaType = mediaType;
            this.digest = digest;
            this.json = json;
        }

        /** As its sender called it. */
        String mediaType() {
            return mediaType;
        }

        /** Of its bytes. */
        String digest() {
            return digest;
        }

        byte[] json() {
            return json.clone();
        }
    }

    ManifestShelf(BlobShelf blobs) {
        this.blobs = blobs;
    }

    /**
     * Keeps a manifest whose parts are all there.
     *
     * @param name tag or digest
     * @return its digest
     */
    String put(String repository, String name, String mediaType, byte[] json) throws Refusal {
        String digest = BlobShelf.digest(json);
        if (name.startsWith("sha256:") && !name.equals(digest)) {
            throw new Refusal(400, "DIGEST_INVALID", "the manifest has the digest " + digest + ", not " + name);
        }
        Map<String, Stored> shelf = repositories.computeIfAbsent(repository, _ -> new ConcurrentSkipListMap<>());
        requireParts(shelf, json);
        Stored stored = new Stored(mediaType, digest, json.clone());
        shelf.put(digest, stored);
        shelf.put(name, stored);
        return digest;
    }

    private void requireParts(Map<String, Stored> shelf, byte[] json) throws Refusal {
        Manifest manifest;
        try {
            manifest = Manifest.parse(json);
        } catch (InvalidImage e) {
            throw new Refusal(400, "MANIFEST_INVALID", String.valueOf(e.getMessage()));
        }
        switch (manifest) {
            case Manifest.Image image -> {
                requireBlob(image.config());
                for (Descriptor layer : image.layers()) {
                    requireBlob(layer);
                }
            }
            case Manifest.Index index -> {
                for (Descriptor nested : index.manifests()) {
                    if (!shelf.containsKey(nested.digest())) {
                        throw new Refusal(404, "MANIFEST_UNKNOWN", "push manifest " + nested.digest() + " first");
                    }
                }
            }
        }
    }

    private void requireBlob(Descriptor descriptor) throws Refusal {
        if (!blobs.has(descriptor.digest())) {
            throw new Refusal(404, "MANIFEST_BLOB_UNKNOWN", "push blob " + descriptor.digest() + " first");
        }
    }

    Stored find(String repository, String name) throws Refusal {
        Stored stored = shelf(repository).get(name);
        if (stored == null) {
            throw new Refusal(404, "MANIFEST_UNKNOWN", "repository " + repository + " has no manifest " + name);
        }
        return stored;
    }

    List<String> tags(String repository) throws Refusal {
        return shelf(repository).keySet().stream()
                .filter(name -> !name.startsWith("sha256:"))
                .toList();
    }

    private Map<String, Stored> shelf(String repository) throws Refusal {
        Map<String, Stored> shelf = repositories.get(repository);
        if (shelf == null) {
            throw new Refusal(404, "NAME_UNKNOWN", "no repository " + repository);
        }
        return shelf;
    }
}
