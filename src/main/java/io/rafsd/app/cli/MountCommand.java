package io.rafsd.app.cli;

import io.rafsd.app.config.ErofsSettings;
import io.rafsd.app.config.RafsdProperties;
import io.rafsd.daemon.DaemonSettings;
import io.rafsd.error.AlreadyExists;
import io.rafsd.error.BackendFailure;
import io.rafsd.error.InvalidRequest;
import io.rafsd.error.NotFound;
import io.rafsd.fuse.FailoverPolicy;
import io.rafsd.fuse.MountOptions;
import io.rafsd.fuse.MountPoint;
import io.rafsd.linux.Limits;
import io.rafsd.mount.MountSpec;
import io.rafsd.mount.MountSpec.ImageSettings;
import io.rafsd.oci.ImageReference;
import io.rafsd.storage.backend.BackendConfig;
import io.rafsd.upgrade.Succession;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code rafsd mount IMAGE DIR}: mounts lazily and returns; a process of its own serves on. */
@Command(
        name = "mount",
        sortOptions = false,
        mixinStandardHelpOptions = true,
        description = "mounts an image of a registry at a directory before it is downloaded")
final class MountCommand implements Callable<Integer> {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final DaemonRunner runner;

    @Mixin
    private LogOptions log = new LogOptions();

    @Parameters(index = "0", paramLabel = "IMAGE", description = "registry/repository[:tag][@sha256:digest]")
    private String image = "";

    @Parameters(index = "1", paramLabel = "DIR", description = "an existing directory")
    private Path directory = Path.of("");

    @Option(names = "--foreground", description = "serve from this process instead of one in the background")
    private boolean foreground;

    @Option(names = "--cache", paramLabel = "DIR", description = "keep what was read here, for the next mount")
    private @Nullable Path cache;

    @Option(
            names = "--transport",
            defaultValue = "kernel",
            description =
                    "kernel or jnr (FUSE), or erofs: the kernel reads the image itself, which takes root, RAFS v6 and"
                            + " Linux 6.12 (default: ${DEFAULT-VALUE})")
    private String transport = "kernel";

    @Option(names = "--plain-http", description = "speak http to the registry (loopback always does)")
    private boolean plainHttp;

    @Option(names = "--skip-verify", description = "accept any TLS certificate of the registry")
    private boolean skipVerify;

    @Option(names = "--actuator-port", paramLabel = "PORT", description = "serve health, metrics and endpoints there")
    private int actuatorPort = -1;

    MountCommand(DaemonRunner runner) {
        this.runner = runner;
    }

    @Override
    public Integer call() throws IOException {
        ImageReference reference = ImageReference.parse(image);
        Path mountPoint = mountPoint();
        if (!isHeir() && RunningMount.at(mountPoint) != null) {
            throw new AlreadyExists(mountPoint + " is mounted already; unmount it with: rafsd umount " + mountPoint);
        }
        return foreground || isHeir() ? serve(reference, mountPoint) : serveInBackground(mountPoint);
    }

    private static boolean isHeir() {
        return Succession.ofEnvironment().isHeir();
    }

    private Path mountPoint() throws IOException {
        Path left = isHeir() ? MountPoint.served(directory) : null;
        if (left != null) {
            return left;
        }
        if (!Files.isDirectory(directory)) {
            throw new NotFound(directory + " is no directory that exists; make it with: mkdir -p " + directory);
        }
        return directory.toRealPath();
    }

    private int serve(ImageReference reference, Path mountPoint) throws IOException {
        log.apply();
        MountSpec spec = new MountSpec.ByReference(
                reference.toString(),
                new BackendConfig.Registry(
                        plainHttp ? "http" : "", "", "", null, null, skipVerify, BackendConfig.HttpSettings.DEFAULT),
                ImageSettings.defaults(cache == null ? null : cache.toAbsolutePath()));
        RunningMount note =
                new RunningMount(image, mountPoint, ProcessHandle.current().pid());
        return runner.run(new DaemonLaunch(
                settings(mountPoint, spec),
                stateDirectory(),
                actuatorPort,
                true,
                Succession.ofEnvironment(),
                note::write,
                note::forget));
    }

    private DaemonSettings settings(Path mountPoint, MountSpec spec) throws IOException {
        if (transport.equals(ErofsSettings.NAME)) {
            return ErofsSettings.of(
                    stateDirectory(), mountPoint, spec, MountOptions.DEFAULT_THREADS, Succession.ofEnvironment());
        }
        // Other users may look in where root mounts; a user's own mount is the user's.
        MountOptions options = new MountOptions(
                mountPoint, MountOptions.DEFAULT_THREADS, true, true, MountOptions.DEFAULT_READ_AHEAD_KIB);
        return new DaemonSettings(null, null, null, options, transport, spec, "/", FailoverPolicy.RESEND, null, false);
    }

    /** For bootstraps and private caches: of the machine for root, of their own for other users. */
    static Path stateDirectory() {
        return Limits.effectiveUser() == 0
                ? Path.of(RafsdProperties.DEFAULT_STATE_DIR)
                : Path.of(System.getProperty("user.home"), ".local", "state", "rafsd");
    }

    private int serveInBackground(Path mountPoint) throws IOException {
        String home = System.getProperty("rafsd.home");
        if (home == null) {
            throw new InvalidRequest("only the launcher bin/rafsd can mount in the background; add --foreground");
        }
        File logFile = RunningMount.log(mountPoint).toFile();
        List<String> command =
                new ArrayList<>(List.of(home + "/bin/rafsd", "mount", "--foreground", "--transport", transport));
        if (actuatorPort >= 0) {
            command.addAll(List.of("--actuator-port", Integer.toString(actuatorPort)));
        }
        if (cache != null) {
            command.addAll(List.of("--cache", cache.toAbsolutePath().toString()));
        }
        if (plainHttp) {
            command.add("--plain-http");
        }
        if (skipVerify) {
            command.add("--skip-verify");
        }
        command.addAll(List.of(image, mountPoint.toString()));
        Process process = new ProcessBuilder(command)
                .redirectInput(new File("/dev/null"))
                .redirectOutput(logFile)
                .redirectErrorStream(true)
                .start();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            RunningMount running = RunningMount.at(mountPoint);
            if (running != null) {
                System.out.println(image + " is mounted at " + mountPoint + " (process " + running.pid() + ")");
                return 0;
            }
            if (ended(process)) {
                throw new BackendFailure(BackendFailure.Kind.FATAL, lastError(logFile.toPath()));
            }
        }
        process.destroy();
        throw new BackendFailure(
                BackendFailure.Kind.FATAL,
                image + " was not mounted within " + PATIENCE.toSeconds() + " s; see " + logFile);
    }

    /** Waits a little. */
    private static boolean ended(Process process) {
        try {
            return process.waitFor(20, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    private static String lastError(Path logFile) throws IOException {
        List<String> lines = Files.readAllLines(logFile, StandardCharsets.UTF_8);
        for (String line : lines.reversed()) {
            if (line.startsWith("Error: ")) {
                return line.substring("Error: ".length());
            }
        }
        return "the daemon ended at once; see " + logFile;
    }
}
