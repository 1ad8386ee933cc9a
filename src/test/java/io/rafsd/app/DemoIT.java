package io.rafsd.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.rafsd.testing.Child;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The demonstration as a newcomer meets it: by user nobody, who mounts through {@code fusermount3}, and on machines that
 * lack something. Each runs in a mount namespace of its own, so that the machine itself lacks nothing.
 */
class DemoIT {

    private static final String NOBODY = "65534";
    private static final String[] AS_NOBODY = {"setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups"};

    @TempDir
    private Path work = Path.of("");

    private Path rafsd = Path.of("");
    private Path home = Path.of("");

    @BeforeEach
    void copyTheDistributionToWhereNobodyMayRead() throws Exception {
        Launcher.requireAMachineThatCanMount();
        assumeTrue(Files.exists(Path.of("/usr/bin/setpriv")), "becoming nobody needs setpriv of util-linux");
        work = work.toRealPath();
        home = Files.createDirectory(work.resolve("home"));
        Child.run(
                        "cp",
                        "-r",
                        Launcher.DISTRIBUTION.toString(),
                        work.resolve("rafsd").toString())
                .text();
        Child.run("chmod", "-R", "a+rX", work.toString()).text();
        Child.run("chown", NOBODY + ":" + NOBODY, home.toString()).text();
        rafsd = work.resolve("rafsd/bin/rafsd");
    }

    /** @param arrange shell commands that change what the command will see of the machine */
    private Process start(String arrange, String... command) throws IOException {
        List<String> all = new ArrayList<>(List.of("unshare", "-m", "sh", "-c", arrange, work.toString()));
        all.addAll(List.of(command));
        ProcessBuilder builder =
                new ProcessBuilder(all).directory(work.toFile()).redirectErrorStream(true);
        builder.environment().put("HOME", home.toString());
        builder.environment().put("RAFSD_JAVA_OPTS", "-Djava.io.tmpdir=" + home);
        builder.environment().remove("XDG_RUNTIME_DIR");
        return builder.start();
    }

    private String outcome(String arrange, String... command) throws IOException, InterruptedException {
        Process process = start(arrange + " && exec \"$@\"", command);
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isEqualTo(1);
        return said;
    }

    private static String until(BufferedReader output, String wanted) throws IOException {
        StringBuilder seen = new StringBuilder();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            seen.append(line).append('\n');
            if (line.contains(wanted)) {
                return seen.toString();
            }
        }
        throw new AssertionError("no '" + wanted + "' in: " + seen);
    }

    @Test
    void nobodySeesTheTableAndLeavesNothingBehind() throws Exception {
        String fuseForAll = "mknod -m 666 \"$0/fuse\" c 10 229 && mount --bind \"$0/fuse\" /dev/fuse && \"$@\";"
                + " echo \"ended with $?\"; grep -c \"$0\" /proc/self/mountinfo; echo over";
        List<String> command = new ArrayList<>(List.of(AS_NOBODY));
        command.addAll(List.of(rafsd.toString(), "demo"));
        Process process = start(fuseForAll, command.toArray(String[]::new));
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            String shown = until(output, "Ctrl-C unmounts");
            assertThat(shown)
                    .contains("built ", "registry ", "mounted ")
                    .containsPattern("image size +[0-9.]+ MB in the registry, [0-9]+ files")
                    .containsPattern("pulled so far +[0-9.]+ MB, [0-9.]+ % of it")
                    .containsPattern("compared +[0-9]+ files read through the mount, all identical")
                    .containsPattern("state +RUNNING")
                    .containsPattern("health +http://127.0.0.1:[0-9]+/actuator/health");
            ProcessHandle demo = process.children().findFirst().orElseThrow();
            Child.run("kill", "-INT", Long.toString(demo.pid())).text();
            // One line of the mount table has the directory in it: the device that the test itself put there.
            assertThat(until(output, "over")).contains("ended with 0\n1\n").doesNotContain("Left behind");
            assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        try (var left = Files.list(home)) {
            assertThat(left.filter(path -> !path.getFileName().toString().startsWith(".")))
                    .isEmpty();
        }
    }

    @Test
    void missingDeviceIsSaidInOneSentenceWithTheRemedy() throws Exception {
        String withoutFuse = "mount -t tmpfs none /dev && mknod -m 666 /dev/null c 1 3"
                + " && mknod -m 666 /dev/random c 1 8 && mknod -m 666 /dev/urandom c 1 9";
        assertThat(outcome(withoutFuse, rafsd.toString(), "demo"))
                .isEqualTo("Error: /dev/fuse is missing, so nothing can be mounted; load the kernel module with:"
                        + " modprobe fuse\n");
    }

    @Test
    void missingJavaIsSaidInOneSentenceWithTheRemedy() throws Exception {
        String withoutJava = "unset JAVA_HOME RAFSD_JAVA_HOME; for d in /usr/lib/jvm /opt; do"
                + " [ ! -d $d ] || mount -t tmpfs none $d || exit 9; done";
        assertThat(outcome(withoutJava, rafsd.toString(), "demo"))
                .isEqualTo("Error: rafsd needs Java 25 and found none; install a JDK 25 or point JAVA_HOME at one.\n");
    }
}
