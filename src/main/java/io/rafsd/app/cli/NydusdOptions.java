package io.rafsd.app.cli;

import io.rafsd.app.config.NydusConfig;
import io.rafsd.daemon.DaemonSettings;
import io.rafsd.error.InvalidRequest;
import io.rafsd.error.NotFound;
import io.rafsd.fuse.FailoverPolicy;
import io.rafsd.fuse.MountOptions;
import io.rafsd.fuse.MountPoint;
import io.rafsd.linux.Limits;
import io.rafsd.mount.MountSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** nydusd's options for serving an image through FUSE. */
@SuppressWarnings("UnusedVariable") // some options are taken only so that callers may give them
final class NydusdOptions {

    private static final String AUTH_VARIABLE = "IMAGE_PULL_AUTH";
    private static final int DEFAULT_OPEN_FILES = 1_000_000;

    @Mixin
    private LogOptions log = new LogOptions();

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "show this help")
    private boolean help;

    @Option(
            names = {"-A", "--apisock"},
            paramLabel = "PATH",
            description = "unix socket of the control API")
    private @Nullable Path apiSocket;

    @Option(
            names = {"-C", "--config"},
            paramLabel = "FILE",
            description = "configuration of the image: JSON or TOML")
    private @Nullable Path config;

    @Option(names = "--id", paramLabel = "ID", description = "id of the daemon; needs --supervisor")
    private @Nullable String id;

    @Option(names = "--supervisor", paramLabel = "PATH", description = "socket of the supervisor; needs --id")
    private @Nullable Path supervisor;

    @Option(names = "--upgrade", description = "wait in INIT for a takeover instead of mounting")
    private boolean upgrade;

    @Option(
            names = "--log-rotation-size",
            paramLabel = "MB",
            defaultValue = "0",
            description = "accepted; rotate with logrotate")
    private int rotation;

    @Option(
            names = "--rlimit-nofile",
            paramLabel = "N",
            defaultValue = "1000000",
            description = "open files wanted; as many as the system allows are taken (0: leave alone)")
    private int openFiles = DEFAULT_OPEN_FILES;

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

    @Option(names = "--backend-source", paramLabel = "URL", hidden = true)
    private @Nullable String backendSource;

    @Option(
            names = "--transport",
            paramLabel = "NAME",
            defaultValue = "kernel",
            description = "kernel or jnr (default: ${DEFAULT-VALUE})")
    private String transport = "kernel";

    @Option(
            names = "--actuator-port",
            paramLabel = "PORT",
            description =
                    "serve health, metrics and endpoints there (default: not at all, so that many daemons share a node)")
    private int actuatorPort = -1;

    /** Checks them and says what daemon they ask for. */
    DaemonLaunch launch() throws IOException {
        log.apply();
        validate();
        raiseLimits();
        MountSpec image = image();
        Path directory = directory();
        // With one image and nothing else ever mounted, the kernel need not tell of opens.
        boolean alone = image != null && virtualMountPoint.equals("/");
        MountOptions mount = new MountOptions(directory, threads, true, alone, MountOptions.DEFAULT_READ_AHEAD_KIB);
        DaemonSettings settings = new DaemonSettings(
                id,
                supervisor,
                apiSocket,
                mount,
                transport,
                image,
                virtualMountPoint,
                FailoverPolicy.valueOf(failoverPolicy.toUpperCase(Locale.ROOT)),
                dedupDatabase == null ? null : dedupDatabase.toAbsolutePath(),
                upgrade);
        return new DaemonLaunch(settings, null, actuatorPort, true);
    }

    private void validate() throws InvalidRequest {
        if ((id == null) != (supervisor == null)) {
            throw new InvalidRequest("--id and --supervisor go together");
        }
        if (config != null && localFsDirectory != null) {
            throw new InvalidRequest("--config and --localfs-dir exclude each other");
        }
        if (threads < 1 || threads > 1024) {
            throw new InvalidRequest("--fuse-threads must be 1 to 1024, not " + threads);
        }
        if (!List.of("none", "flush", "resend").contains(failoverPolicy)) {
            throw new InvalidRequest("--failover-policy must be none, flush or resend, not " + failoverPolicy);
        }
        if (upgrade && apiSocket == null) {
            throw new InvalidRequest("--upgrade needs --apisock: a takeover is asked for over it");
        }
        if (mountPoint == null) {
            throw new InvalidRequest("--mountpoint is missing");
        }
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

    private void raiseLimits() {
        if (openFiles <= 0) {
            return;
        }
        try {
            long now = Limits.raiseOpenFiles(openFiles);
            if (now < openFiles) {
                LoggerFactory.getLogger(NydusdOptions.class)
                        .atInfo()
                        .log("open files: {} of {} wanted, which is what the system allows", now, openFiles);
            }
        } catch (IOException e) {
            LoggerFactory.getLogger(NydusdOptions.class).atWarn().log("{}", e.getMessage());
        }
    }

    /** The image of the command line; the configuration is not even read without a bootstrap. */
    private @Nullable MountSpec image() throws IOException {
        Path boot = bootstrap;
        if (boot == null) {
            return null;
        }
        List<String> prefetch = prefetchFiles == null
                ? List.of()
                : Files.readAllLines(prefetchFiles, StandardCharsets.UTF_8).stream()
                        .map(String::strip)
                        .filter(line -> !line.isEmpty())
                        .toList();
        Path directory = localFsDirectory;
        if (directory != null) {
            return NydusConfig.ofDirectory(directory.toAbsolutePath(), !prefetch.isEmpty())
                    .mount(boot.toAbsolutePath(), prefetch);
        }
        Path file = config;
        if (file == null) {
            throw new InvalidRequest("--bootstrap needs --config or --localfs-dir");
        }
        return NydusConfig.load(file, System.getenv(AUTH_VARIABLE)).mount(boot.toAbsolutePath(), prefetch);
    }
}
