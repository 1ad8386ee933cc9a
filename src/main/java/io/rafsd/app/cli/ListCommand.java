package io.rafsd.app.cli;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code rafsd list}: what {@code rafsd mount} has mounted. */
@Command(name = "list", mixinStandardHelpOptions = true, description = "lists what is mounted")
final class ListCommand implements Callable<Integer> {

    @Override
    public Integer call() throws IOException {
        List<RunningMount> mounts = RunningMount.all();
        if (mounts.isEmpty()) {
            System.out.println("nothing is mounted");
            return 0;
        }
        int width = mounts.stream().mapToInt(m -> m.image().length()).max().orElse(0);
        for (RunningMount mount : mounts) {
            System.out.printf("%-" + width + "s  %s  process %d%n", mount.image(), mount.mountPoint(), mount.pid());
        }
        return 0;
    }
}
