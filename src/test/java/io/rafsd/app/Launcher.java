package io.rafsd.app;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The distribution's programs, run as a user runs them. */
final class Launcher {

    static final Path DISTRIBUTION =
            Path.of(System.getProperty("rafsd.distribution", "target/rafsd")).toAbsolutePath();

    private Launcher() {}

    /**
     * How a program ended.
     *
     * @param status 0 if well
     * @param said on standard output and standard error
     */
    record Outcome(int status, String said) {}

    /** Skips the test where there is nothing to run, or nothing can be mounted by root. */
    static void requireAMachineThatCanMount() {
        assumeTrue(Files.exists(program("rafsd")), "there is no distribution at " + DISTRIBUTION);
        assumeTrue(Files.exists(Path.of("/dev/fuse")), "there is no /dev/fuse");
        assumeTrue("root".equals(System.getProperty("user.name")), "device files and mounting for all need root");
    }

    static Path program(String name) {
        return DISTRIBUTION.resolve("bin").resolve(name);
    }

    /** Runs {@code rafsd} to its end. */
    static Outcome rafsd(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(program("rafsd").toString()));
        command.addAll(Arrays.asList(arguments));
        return run(command);
    }

    /** Runs any command to its end. */
    static Outcome run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Outcome(process.waitFor(), said);
    }
}
