package io.rafsd.image.pack;

import io.rafsd.oci.Platform;
import java.nio.charset.StandardCharsets;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes an image's config.
 *
 * @see <a href="https://github.com/opencontainers/image-spec/blob/main/config.md">OCI image configuration</a>
 */
final class ImageConfig {

    private static final JsonMapper MAPPER = new JsonMapper();
    /** The same image has the same bytes whenever it is packed. */
    private static final String EPOCH = "1970-01-01T00:00:00Z";

    private ImageConfig() {}

    /** @param diffIds of the layers, that with the bootstrap last */
    static byte[] toJson(Platform platform, List<String> diffIds) {
        ObjectNode root = MAPPER.createObjectNode();
        root.put("created", EPOCH);
        root.put("architecture", platform.architecture());
        root.put("os", platform.os());
        root.putObject("config");
        ObjectNode rootfs = root.putObject("rootfs");
        rootfs.put("type", "layers");
        ArrayNode ids = rootfs.putArray("diff_ids");
        diffIds.forEach(ids::add);
        ArrayNode history = root.putArray("history");
        for (int i = 0; i < diffIds.size(); i++) {
            ObjectNode step = history.addObject();
            step.put("created", EPOCH);
            step.put("created_by", "rafsd");
            step.put("comment", i == diffIds.size() - 1 ? "Nydus Bootstrap Layer" : "Nydus Blob Layer");
        }
        return MAPPER.writeValueAsString(root).getBytes(StandardCharsets.UTF_8);
    }
}
