package io.rafsd.app.cli;

import io.rafsd.error.BackendFailure;
import io.rafsd.error.NotFound;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code rafsd umount DIR}: unmounts and ends the process that served. */
@Command(name = "umount", mixinStandardHelpOptions = true, description = "unmounts what rafsd mount has mounted")
final class UmountCommand implements Callable<Integer> {

    private static final int PATIENCE_SECONDS = 20;

    @Parameters(paramLabel = "DIR", description = "the directory it was mounted at")
    private Path directory = Path.of("");

    @Override
    public Integer call() throws IOException {
        // Not by asking the directory: its server may be the one that hangs.
        Path mountPoint = directory.toAbsolutePath().normalize();
        RunningMount mount = RunningMount.at(mountPoint);
        if (mount == null) {
            throw new NotFound("rafsd has nothing mounted at " + mountPoint + "; rafsd list shows what is");
        }
        ProcessHandle process = ProcessHandle.of(mount.pid()).orElse(null);
        if (process != null) {
            process.destroy();
            try {
                process.onExit().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            } catch (TimeoutException | ExecutionException e) {
                throw new BackendFailure(
                        BackendFailure.Kind.FATAL,
                        "process " + mount.pid() + " has not ended within " + PATIENCE_SECONDS
                                + " s; end it with: kill -9 " + mount.pid() + "; umount -l " + mountPoint,
                        e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        mount.forget();
        System.out.println(mount.image() + " is unmounted from " + mountPoint);
        return 0;
    }
}
