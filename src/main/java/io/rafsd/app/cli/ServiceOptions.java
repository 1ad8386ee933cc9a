package io.rafsd.app.cli;

import io.rafsd.control.Version;
import io.rafsd.error.InvalidRequest;
import io.rafsd.linux.Limits;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What nydusd's every kind of service takes. */
@SuppressWarnings("UnusedVariable") // some options are taken only so that callers may give them
final class ServiceOptions {

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "show this help")
    private boolean help;

    @Option(
            names = {"-A", "--apisock"},
            paramLabel = "PATH",
            description = "unix socket of the control API")
    @Nullable
    Path apiSocket;

    @Option(
            names = {"-C", "--config"},
            paramLabel = "FILE",
            description = "configuration of the image (JSON or TOML), or of a singleton's first blobs")
    @Nullable
    Path config;

    @Option(names = "--id", paramLabel = "ID", description = "id of the daemon; needs --supervisor")
    @Nullable
    String id;

    @Option(names = "--supervisor", paramLabel = "PATH", description = "socket of the supervisor; needs --id")
    @Nullable
    Path supervisor;

    @Option(names = "--upgrade", description = "wait in INIT for a takeover instead of mounting")
    boolean upgrade;

    @Option(
            names = "--rlimit-nofile",
            paramLabel = "N",
            defaultValue = "1000000",
            description = "open files wanted; as many as the system allows are taken (0: leave alone)")
    private String openFiles = "1000000";

    @Mixin
    private LogOptions log = new LogOptions();

    @Option(names = "--backend-source", paramLabel = "URL", hidden = true)
    private @Nullable String backendSource;

    @Option(
            names = "--actuator-port",
            paramLabel = "PORT",
            description =
                    "serve health, metrics and endpoints there (default: not at all, so that many daemons share a node)")
    int actuatorPort = -1;

    void check(NydusdUsage usage) {
        usage.together("--id", id, "--supervisor", supervisor);
        usage.together("--supervisor", supervisor, "--id", id);
        usage.require(!upgrade || apiSocket != null, "--upgrade needs --apisock: a takeover is asked for over it");
    }

    /** Begins the log and raises limits. */
    void begin() throws InvalidRequest {
        log.apply();
        Version version = Version.current();
        log().atInfo()
                .log(
                        "Program Version: v{}, Git Commit: {}, Build Time: {}, Profile: release, Java {}",
                        version.version(),
                        version.commit(),
                        version.buildTime(),
                        Runtime.version());
        raiseLimits(NydusdUsage.number("--rlimit-nofile", openFiles));
        if (backendSource != null) {
            ignored("--backend-source", "the configuration's own backend is used");
        }
    }

    static void ignored(String option, String why) {
        log().atWarn().log("{} has no effect: {}", option, why);
    }

    private static void raiseLimits(long wanted) {
        if (wanted == 0) {
            return;
        }
        try {
            long now = Limits.raiseOpenFiles(wanted);
            if (now < wanted) {
                log().atInfo().log("open files: {} of {} wanted, which is what the system allows", now, wanted);
            }
        } catch (IOException e) {
            log().atWarn().log("{}", e.getMessage());
        }
    }

    private static Logger log() {
        return LoggerFactory.getLogger(ServiceOptions.class);
    }
}
