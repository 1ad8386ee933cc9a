package io.rafsd.app.actuator;

import io.rafsd.control.Version;
import io.rafsd.daemon.Daemon;
import io.rafsd.daemon.DaemonController;
import io.rafsd.daemon.DaemonSettings;
import io.rafsd.mount.MountManager.MountInfo;
import io.rafsd.mount.MountSpec;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;

/** {@code /actuator/daemon}: what the daemon controller knows. */
@Endpoint(id = "daemon", defaultAccess = Access.READ_ONLY)
public final class DaemonEndpoint {

    private final DaemonController controller;

    public DaemonEndpoint(DaemonController controller) {
        this.controller = controller;
    }

    /**
     * The daemon.
     *
     * @param id given by a supervisor
     * @param version of rafsd
     * @param commit it was built from
     * @param supervisor socket of it
     * @param state of the daemon
     * @param active whether there is a daemon that has not ended
     * @param singleton whether it mounts nothing
     * @param transport name
     * @param mountPoint where the filesystem is
     * @param backends what is mounted
     */
    public record DaemonView(
            @Nullable String id,
            String version,
            String commit,
            @Nullable String supervisor,
            String state,
            boolean active,
            boolean singleton,
            @Nullable String transport,
            @Nullable String mountPoint,
            List<Backend> backends) {}

    /**
     * One mounted image.
     *
     * @param path inside the filesystem
     * @param source bootstrap or reference
     * @param mountedAt when
     * @param imageBytes uncompressed
     * @param blobs ids
     */
    public record Backend(String path, String source, Instant mountedAt, long imageBytes, List<String> blobs) {}

    @ReadOperation
    public DaemonView daemon() {
        Daemon daemon = controller.daemon();
        DaemonSettings settings = daemon == null ? null : daemon.settings();
        Version version = Version.current();
        Path supervisor = settings == null ? null : settings.supervisor();
        return new DaemonView(
                settings == null ? null : settings.id(),
                version.version(),
                version.commit(),
                supervisor == null ? null : supervisor.toString(),
                controller.state().name(),
                daemon != null && controller.isActive(),
                controller.isSingleton(),
                settings == null ? null : settings.transport(),
                settings == null || settings.mount() == null
                        ? null
                        : settings.mount().mountPoint().toString(),
                daemon == null
                        ? List.of()
                        : daemon.mounts().mounts().stream()
                                .map(DaemonEndpoint::view)
                                .toList());
    }

    private static Backend view(MountInfo mount) {
        String source = switch (mount.spec()) {
            case MountSpec.LocalBootstrap local -> local.bootstrap().toString();
            case MountSpec.ByReference named -> named.reference();
        };
        return new Backend(mount.path(), source, mount.mountedAt(), mount.imageBytes(), mount.blobs());
    }
}
