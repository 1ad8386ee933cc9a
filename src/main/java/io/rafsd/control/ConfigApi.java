package io.rafsd.control;

import io.rafsd.error.InvalidRequest;
import io.rafsd.mount.HotSettings;
import io.rafsd.mount.MountManager;
import java.io.IOException;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code /config}: settings that change while a mount serves. What was set is told again as it is, secrets included:
 * clients compare it, and only the owner of the socket can ask.
 */
final class ConfigApi {

    private static final JsonMapper JSON = new JsonMapper();
    private static final String CONFIGURE = "Configure(DaemonAbnormal(%s))";

    private final Attached attached;

    ConfigApi(Attached attached) {
        this.attached = attached;
    }

    Answer get(Map<String, String> query) {
        ObjectNode node = JSON.createObjectNode();
        MountManager mounts = attached.mountsNow();
        if (mounts != null) {
            String id = query.get("id");
            if (id != null) {
                mounts.hotSettings().of(id).forEach(node::put);
            } else {
                mounts.hotSettings()
                        .all()
                        .forEach((path, values) -> values.forEach((key, value) -> node.put(path + ":" + key, value)));
            }
        }
        return Answer.ok(node);
    }

    Answer put(Map<String, String> query, byte[] body) {
        Bodies.Read read = Bodies.read(body);
        if (read.refusal() != null) {
            return read.refusal();
        }
        try {
            HotSettings settings = attached.mounts().hotSettings();
            String id = query.getOrDefault("id", "");
            for (Map.Entry<String, JsonNode> entry : read.body().properties()) {
                if (!entry.getValue().isString()) {
                    throw new InvalidRequest("the value of " + entry.getKey() + " must be a text");
                }
                settings.set(id, entry.getKey(), entry.getValue().asString());
            }
            return Answer.noContent();
        } catch (IOException e) {
            return ControlErrors.of(CONFIGURE, e);
        }
    }
}
