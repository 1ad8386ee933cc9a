package io.rafsd.control;

import io.rafsd.mount.MountSpec;
import java.io.IOException;
import java.util.List;

/** Turns what a client posts into what is mounted; the configuration is understood at the edge. */
@FunctionalInterface
public interface MountBodies {

    /**
     * @param source path of a bootstrap
     * @param fsType {@code rafs}
     * @param config text of a nydusd configuration
     * @param prefetchFiles absolute paths
     */
    MountSpec parse(String source, String fsType, String config, List<String> prefetchFiles) throws IOException;
}
