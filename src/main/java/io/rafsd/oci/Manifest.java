package io.rafsd.oci;

import io.rafsd.error.InvalidImage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a registry answers for an image: an image's layers, or an index of images.
 *
 * @see <a href="https://github.com/opencontainers/image-spec/blob/main/manifest.md">OCI image manifest</a>
 * @see <a href="https://github.com/opencontainers/image-spec/blob/main/image-index.md">OCI image index</a>
 */
public sealed interface Manifest {

    /** Larger ones are refused, as registries do. */
    int MAX_SIZE = 4 << 20;

    /**
     * One image.
     *
     * @param config of the image
     * @param layers lowest first
     */
    record Image(Descriptor config, List<Descriptor> layers) implements Manifest {

        /** As the bytes that are stored and digested. */
        public byte[] toJson() {
            ObjectNode root = Json.MAPPER.createObjectNode();
            root.put("schemaVersion", 2);
            root.put("mediaType", MediaTypes.MANIFEST);
            root.set("config", Json.write(config));
            var array = root.putArray("layers");
            for (Descriptor layer : layers) {
                array.add(Json.write(layer));
            }
            return Json.MAPPER.writeValueAsString(root).getBytes(StandardCharsets.UTF_8);
        }
    }

    /**
     * Several images, each for a platform.
     *
     * @param manifests in the index's order
     */
    record Index(List<Descriptor> manifests) implements Manifest {

        /** The RAFS image for a platform if there is one, else the first image for it; null if there is none. */
        public @Nullable Descriptor choose(Platform platform) {
            Descriptor ordinary = null;
            for (Descriptor candidate : manifests) {
                Platform wanted = candidate.platform();
                if (wanted == null || !wanted.suits(platform)) {
                    continue;
                }
                if (candidate.artifactType().equals(MediaTypes.NYDUS_ARTIFACT) || wanted.marksNydus()) {
                    return candidate;
                }
                ordinary = ordinary == null ? candidate : ordinary;
            }
            return ordinary;
        }

        /** As the bytes that are stored and digested. */
        public byte[] toJson() {
            ObjectNode root = Json.MAPPER.createObjectNode();
            root.put("schemaVersion", 2);
            root.put("mediaType", MediaTypes.INDEX);
            var array = root.putArray("manifests");
            for (Descriptor manifest : manifests) {
                array.add(Json.write(manifest));
            }
            return Json.MAPPER.writeValueAsString(root).getBytes(StandardCharsets.UTF_8);
        }
    }

    /**
     * Reads a manifest or an index.
     *
     * @throws InvalidImage if it is neither
     */
    static Manifest parse(byte[] json) throws InvalidImage {
        if (json.length > MAX_SIZE) {
            throw new InvalidImage("a manifest of " + json.length + " bytes; more than " + MAX_SIZE + " are refused");
        }
        JsonNode root;
        try {
            root = Json.MAPPER.readTree(json);
        } catch (JacksonException e) {
            throw new InvalidImage("the manifest is no JSON document", e);
        }
        if (root.path("manifests").isArray()) {
            return new Index(Json.descriptors(root.path("manifests")));
        }
        if (root.path("layers").isArray() && root.path("config").isObject()) {
            return new Image(Json.descriptor(root.path("config")), Json.descriptors(root.path("layers")));
        }
        throw new InvalidImage("the manifest has neither layers with a config nor a list of manifests");
    }

    /** How descriptors stand in JSON. */
    final class Json {

        private static final JsonMapper MAPPER = new JsonMapper();
        private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");

        private Json() {}

        private static List<Descriptor> descriptors(JsonNode array) throws InvalidImage {
            List<Descriptor> descriptors = new ArrayList<>();
            for (JsonNode node : array) {
                descriptors.add(descriptor(node));
            }
            return List.copyOf(descriptors);
        }

        private static Descriptor descriptor(JsonNode node) throws InvalidImage {
            String digest = node.path("digest").asString("");
            long size = node.path("size").asLong(-1);
            if (!DIGEST.matcher(digest).matches() || size < 0) {
                throw new InvalidImage("a descriptor without a sha256 digest or a size in the manifest");
            }
            Map<String, String> annotations = new LinkedHashMap<>();
            for (Map.Entry<String, JsonNode> entry : node.path("annotations").properties()) {
                annotations.put(entry.getKey(), entry.getValue().asString(""));
            }
            JsonNode platform = node.path("platform");
            return new Descriptor(
                    node.path("mediaType").asString(""),
                    digest,
                    size,
                    Map.copyOf(annotations),
                    platform.isObject()
                            ? new Platform(
                                    platform.path("os").asString(""),
                                    platform.path("architecture").asString(""),
                                    platform.path("os.features").values().stream()
                                            .map(feature -> feature.asString(""))
                                            .toList())
                            : null,
                    node.path("artifactType").asString(""));
        }

        private static ObjectNode write(Descriptor descriptor) {
            ObjectNode node = MAPPER.createObjectNode();
            node.put("mediaType", descriptor.mediaType());
            node.put("digest", descriptor.digest());
            node.put("size", descriptor.size());
            if (!descriptor.annotations().isEmpty()) {
                ObjectNode annotations = node.putObject("annotations");
                descriptor.annotations().entrySet().stream()
                        .sorted(Map.Entry.comparingByKey())
                        .forEach(e -> annotations.put(e.getKey(), e.getValue()));
            }
            Platform platform = descriptor.platform();
            if (platform != null) {
                node.putObject("platform")
                        .put("architecture", platform.architecture())
                        .put("os", platform.os());
            }
            if (!descriptor.artifactType().isEmpty()) {
                node.put("artifactType", descriptor.artifactType());
            }
            return node;
        }
    }
}
