package io.rafsd.app;

import io.rafsd.app.config.NormalForm;
import io.rafsd.app.config.NydusConfig;
import io.rafsd.control.MountBodies;
import io.rafsd.error.InvalidRequest;
import io.rafsd.mount.MountSpec;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Mounts as nydusd's clients write and read them. */
final class NydusDocuments implements MountBodies {

    @Override
    public MountSpec parse(String source, String fsType, String config, List<String> prefetchFiles) throws IOException {
        if (!fsType.equals("rafs")) {
            throw new InvalidRequest("fs_type '" + fsType + "' is not part of this version; use rafs");
        }
        Path bootstrap;
        try {
            bootstrap = Path.of(source);
        } catch (InvalidPathException e) {
            throw new InvalidRequest("source is no path of a bootstrap: " + e.getReason(), e);
        }
        return NydusConfig.parse(config, null).mount(bootstrap, prefetchFiles);
    }

    @Override
    public JsonNode describe(MountSpec spec) {
        return NormalForm.of(spec);
    }
}
