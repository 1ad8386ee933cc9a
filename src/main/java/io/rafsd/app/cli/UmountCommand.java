package io.rafsd.app.cli;

import io.rafsd.erofs.ErofsLeftovers;
import io.rafsd.erofs.ErofsPlace;
import io.rafsd.error.BackendFailure;
import io.rafsd.error.InvalidRequest;
import io.rafsd.error.NotFound;
import io.rafsd.fuse.MountPoint;
import io.rafsd.linux.MountTable;
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
        if (mount == null && unmountLeftover(mountPoint)) {
            return 0;
        }
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

    /** What the kernel's EROFS shows of a daemon that died, and where that served its blobs. */
    private static boolean unmountLeftover(Path mountPoint) throws IOException {
        ErofsPlace place = ErofsPlace.of(MountCommand.stateDirectory(), mountPoint);
        if (ErofsLeftovers.of(place) == null) {
            return false;
        }
        if (!ErofsLeftovers.clean(place)) {
            throw new InvalidRequest(
                    mountPoint + " is mounted by a daemon that lives; unmount it there, over its control socket");
        }
        if (MountTable.at(place.fuse()) != null) {
            MountPoint.unmount(place.fuse(), 0);
        }
        place.remove();
        System.out.println("what a daemon that died had mounted at " + mountPoint + " is unmounted");
        return true;
    }
}
