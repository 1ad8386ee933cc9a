package io.rafsd.control;

import io.rafsd.error.InvalidRequest;
import io.rafsd.mount.BlobEntry;
import io.rafsd.mount.MountSpec;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Understands none. */
record NoConfigurations() implements MountBodies {

    @Override
    public MountSpec parse(String source, String fsType, String config, List<String> prefetchFiles)
            throws InvalidRequest {
        throw new InvalidRequest("no configuration");
    }

    @Override
    public BlobEntry entry(JsonNode entry) throws InvalidRequest {
        throw new InvalidRequest("no configuration");
    }

    @Override
    public JsonNode describe(MountSpec spec) {
        return new JsonMapper().createObjectNode();
    }
}
