package io.rafsd.container;

import io.rafsd.linux.MountTable;
import io.rafsd.linux.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A directory whose mounts pass to and from containers, as the volume between a sidecar and its application. */
record SharedDirectory(Path path) implements AutoCloseable {

    private static final long MS_BIND = 1 << 12;
    private static final long MS_REC = 1 << 14;
    private static final long MS_SHARED = 1 << 20;

    static SharedDirectory create(Path path) throws IOException {
        Path directory = Files.createDirectories(path).toRealPath();
        Mounts.mount(directory.toString(), directory, "none", MS_BIND, "");
        Mounts.mount("none", directory, "none", MS_SHARED | MS_REC, "");
        return new SharedDirectory(directory);
    }

    /** Where a container whose directory this is mounts the image. */
    Path image() {
        return path.resolve("image");
    }

    boolean holdsMount() throws IOException {
        return MountTable.at(image()) != null;
    }

    @Override
    public void close() throws IOException {
        while (holdsMount()) {
            Mounts.unmount(image(), Mounts.MNT_DETACH);
        }
        Mounts.unmount(path, Mounts.MNT_DETACH);
    }
}
