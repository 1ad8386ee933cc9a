package io.rafsd.control;

import io.rafsd.mount.BlobEntry;
import io.rafsd.mount.MountSpec;
import java.io.IOException;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Turns what a client posts into what is mounted, and back; the configuration is understood at the edge. */
public interface MountBodies {

    /**
     * @param source path of a bootstrap
     * @param fsType {@code rafs}
     * @param config text of a nydusd configuration
     * @param prefetchFiles absolute paths
     */
    MountSpec parse(String source, String fsType, String config, List<String> prefetchFiles) throws IOException;

    /**
     * Reads an entry of the blob cache manager.
     *
     * @param entry with its configuration, of either form
     * @throws io.rafsd.error.InvalidRequest if there is no configuration that can be used
     */
    BlobEntry entry(JsonNode entry) throws IOException;

    /** The configuration of a mount in its normal form, without its secrets. */
    JsonNode describe(MountSpec spec);
}
