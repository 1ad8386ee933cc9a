package io.rafsd.app;

import io.rafsd.app.config.BlobEntries;
import io.rafsd.app.config.NormalForm;
import io.rafsd.app.config.NydusConfig;
import io.rafsd.app.config.SavedConfig;
import io.rafsd.control.MountBodies;
import io.rafsd.daemon.MountScript;
import io.rafsd.error.InvalidRequest;
import io.rafsd.mount.BlobEntry;
import io.rafsd.mount.MountManager.MountInfo;
import io.rafsd.mount.MountSpec;
import io.rafsd.upgrade.SavedState.SavedMount;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Mounts as nydusd's clients write and read them, and as daemons leave them to each other. */
final class NydusDocuments implements MountBodies, MountScript {

    private static final String AUTH_VARIABLE = "IMAGE_PULL_AUTH";

    @Override
    public MountSpec parse(String source, String fsType, String config, List<String> prefetchFiles) throws IOException {
        if (!fsType.equals("rafs")) {
            throw new InvalidRequest("fs_type '" + fsType + "' is not part of this version; use rafs");
        }
        return NydusConfig.parse(config, null).mount(bootstrap(source), prefetchFiles);
    }

    private static Path bootstrap(String source) throws InvalidRequest {
        try {
            return Path.of(source);
        } catch (InvalidPathException e) {
            throw new InvalidRequest("source is no path of a bootstrap: " + e.getReason(), e);
        }
    }

    @Override
    public BlobEntry entry(JsonNode entry) throws IOException {
        return BlobEntries.read(entry);
    }

    @Override
    public JsonNode describe(MountSpec spec) {
        return NormalForm.of(spec);
    }

    @Override
    public SavedMount write(MountInfo mount, int index, long generation) throws IOException {
        List<String> files = mount.spec() instanceof MountSpec.LocalBootstrap local ? local.prefetchFiles() : List.of();
        return new SavedMount(
                false,
                mount.bootstrap().toAbsolutePath().toString(),
                SavedConfig.write(mount.spec(), generation),
                mount.place(),
                files.isEmpty() ? null : files,
                index);
    }

    @Override
    public Reading read(SavedMount saved) throws IOException {
        if (saved.passthrough()) {
            throw new InvalidRequest("a directory is passed through at " + saved.path()
                    + ", which is not part of this version; it cannot be taken over");
        }
        // The command line's image may have its credentials from the environment.
        String auth = saved.path().equals("/") ? System.getenv(AUTH_VARIABLE) : null;
        List<String> files = saved.prefetchFiles() == null ? List.of() : saved.prefetchFiles();
        SavedConfig.Saved config = SavedConfig.read(saved.config());
        return new Reading(
                NydusConfig.parse(config.text(), auth)
                        .mount(bootstrap(saved.source()), files)
                        .atErofs(config.erofs()),
                SavedConfig.generation(config.text()));
    }
}
