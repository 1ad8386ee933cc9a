package io.rafsd.app.cli;

import io.rafsd.app.config.NydusConfig;
import io.rafsd.daemon.DaemonSettings;
import io.rafsd.error.InvalidRequest;
import io.rafsd.error.NotFound;
import io.rafsd.fuse.FailoverPolicy;
import io.rafsd.fuse.MountOptions;
import io.rafsd.fuse.MountPoint;
import io.rafsd.mount.MountSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** nydusd's options for serving an image through FUSE. */
final class NydusdOptions {

    private static final String AUTH_VARIABLE = "IMAGE_PULL_AUTH";

    @Mixin
    private ServiceOptions service = new ServiceOptions();

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command = CommandSpec.create();

    @Option(
            names = "--standby-socket",
            paramLabel = "PATH",
            description = "where a standby finds this daemon (default: the control socket's path and .standby)")
    private @Nullable Path standbySocket;

    @Option(
            names = {"-M", "--mountpoint"},
            paramLabel = "DIR",
            description = "existing directory to mount at")
    private @Nullable Path mountPoint;

    @Option(
            names = {"--fuse-threads", "--thread-num"},
            paramLabel = "N",
            defaultValue = "4",
            description = "threads that answer the kernel, 1 to 1024 (default: ${DEFAULT-VALUE})")
    private int threads = MountOptions.DEFAULT_THREADS;

    @Option(
            names = "--failover-policy",
            paramLabel = "POLICY",
            defaultValue = "resend",
            description = "none, flush or resend; what a takeover does with requests that were under way")
    private String failoverPolicy = "resend";

    @Option(
            names = {"-B", "--bootstrap"},
            paramLabel = "FILE",
            description = "bootstrap of the image to mount")
    private @Nullable Path bootstrap;

    @Option(
            names = {"-D", "--localfs-dir"},
            paramLabel = "DIR",
            description = "directory with the blobs and for the cache, instead of --config")
    private @Nullable Path localFsDirectory;

    @Option(
            names = "--prefetch-files",
            paramLabel = "FILE",
            description = "text file with paths to warm first, one a line")
    private @Nullable Path prefetchFiles;

    @Option(
            names = "--dedup-db",
            paramLabel = "FILE",
            description = "database, shared by daemons, of which cache file holds which chunk; made if it is not there")
    private @Nullable Path dedupDatabase;

    @Option(
            names = {"-m", "--virtual-mountpoint"},
            paramLabel = "PATH",
            defaultValue = "/",
            description = "where inside the filesystem the image goes (default: ${DEFAULT-VALUE})")
    private String virtualMountPoint = "/";

    @Option(
            names = "--transport",
            paramLabel = "NAME",
            defaultValue = "kernel",
            description = "kernel or jnr (default: ${DEFAULT-VALUE})")
    private String transport = "kernel";

    /** Checks them and says what daemon they ask for. */
    DaemonLaunch launch() throws IOException {
        check(new NydusdUsage(command));
        service.begin();
        MountSpec image = image();
        // With one image and nothing else ever mounted, the kernel need not tell of opens.
        boolean alone = image != null && virtualMountPoint.equals("/");
        MountOptions mount = new MountOptions(directory(), threads, true, alone, MountOptions.DEFAULT_READ_AHEAD_KIB);
        DaemonSettings settings = new DaemonSettings(
                service.id,
                service.supervisor,
                service.apiSocket,
                mount,
                transport,
                image,
                virtualMountPoint,
                FailoverPolicy.valueOf(failoverPolicy.toUpperCase(Locale.ROOT)),
                dedupDatabase == null ? null : dedupDatabase.toAbsolutePath(),
                service.upgrade);
        DaemonLaunch launch = new DaemonLaunch(settings, null, service.actuatorPort, true);
        return launch.following(launch.succession().keptAt(standbySocket));
    }

    private void check(NydusdUsage usage) {
        usage.require(mountPoint != null, "--mountpoint is missing");
        service.check(usage);
        usage.apart("--config", service.config, "--localfs-dir", localFsDirectory);
        usage.together("--prefetch-files", prefetchFiles, "--bootstrap", bootstrap);
        usage.require(threads >= 1 && threads <= 1024, "--fuse-threads must be 1 to 1024, not " + threads);
        usage.require(
                List.of("none", "flush", "resend").contains(failoverPolicy),
                "--failover-policy must be none, flush or resend, not " + failoverPolicy);
    }

    private Path directory() throws IOException {
        Path wanted = Objects.requireNonNull(mountPoint);
        Path taken = MountPoint.served(wanted);
        if (taken != null) {
            return taken;
        }
        if (!Files.isDirectory(wanted)) {
            throw Files.exists(wanted)
                    ? new InvalidRequest("mount point " + wanted + " is no directory")
                    : new NotFound("mount point " + wanted + " does not exist; make it with: mkdir -p " + wanted);
        }
        return wanted.toRealPath();
    }

    /** The image of the command line; the configuration is not even read without a bootstrap. */
    private @Nullable MountSpec image() throws IOException {
        Path boot = bootstrap;
        if (boot == null) {
            return null;
        }
        List<String> prefetch = prefetchFiles == null ? List.of() : PrefetchList.read(prefetchFiles);
        Path directory = localFsDirectory;
        if (directory != null) {
            return NydusConfig.ofDirectory(directory.toAbsolutePath(), !prefetch.isEmpty())
                    .mount(boot.toAbsolutePath(), prefetch);
        }
        Path file = service.config;
        if (file == null) {
            throw new InvalidRequest("both --config and --localfs-dir are missing; --bootstrap needs one of them");
        }
        return NydusConfig.load(file, System.getenv(AUTH_VARIABLE)).mount(boot.toAbsolutePath(), prefetch);
    }
}
