package io.rafsd.app.cli;

import io.rafsd.app.config.BlobEntries;
import io.rafsd.daemon.DaemonSettings;
import io.rafsd.error.Unsupported;
import io.rafsd.fuse.FailoverPolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** nydusd's options for managing cached blobs. */
@SuppressWarnings("UnusedVariable") // some options are taken only so that callers may give them
final class SingletonOptions {

    @Mixin
    private ServiceOptions service = new ServiceOptions();

    @Option(
            names = {"-F", "--fscache"},
            paramLabel = "DIR",
            description = "refused: the kernel's on-demand cache has gone from Linux")
    private @Nullable Path fscache;

    @Option(names = "--fscache-tag", paramLabel = "TAG", description = "needs --fscache")
    private @Nullable String fscacheTag;

    @Option(
            names = "--fscache-threads",
            paramLabel = "N",
            defaultValue = "4",
            description = "1 to 1024; of no use without --fscache")
    private int fscacheThreads = 4;

    /** Older clients give it to every kind of daemon. */
    @Option(names = "--failover-policy", paramLabel = "POLICY", hidden = true)
    private @Nullable String failoverPolicy;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command = CommandSpec.create();

    DaemonLaunch launch() throws IOException {
        NydusdUsage usage = new NydusdUsage(command);
        service.check(usage);
        usage.together("--fscache-tag", fscacheTag, "--fscache", fscache);
        usage.require(
                fscacheThreads >= 1 && fscacheThreads <= 1024,
                "--fscache-threads must be 1 to 1024, not " + fscacheThreads);
        service.begin();
        if (fscache != null) {
            throw new Unsupported("--fscache " + fscache
                    + ": on-demand fscache, which Linux no longer has, is not served; the kernel's EROFS reads images"
                    + " without it: rafsd mount --transport erofs IMAGE DIR, or \"transport\": \"erofs\" in the body of"
                    + " POST /api/v1/mount to a daemon with --mountpoint; or mount through FUSE (nydus-snapshotter:"
                    + " fs_driver = \"fusedev\")");
        }
        Path entries = service.config;
        DaemonSettings settings = new DaemonSettings(
                service.id,
                service.supervisor,
                service.apiSocket,
                null,
                "kernel",
                null,
                "/",
                FailoverPolicy.RESEND,
                null,
                service.upgrade,
                entries == null ? List.of() : BlobEntries.load(entries));
        return new DaemonLaunch(settings, null, service.actuatorPort, true);
    }
}
