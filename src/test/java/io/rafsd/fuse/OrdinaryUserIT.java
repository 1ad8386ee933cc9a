package io.rafsd.fuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.rafsd.testing.Child;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A process of user nobody mounts through {@code fusermount3}, and processes end as signals tell them. Each child has a
 * mount namespace of its own, where the FUSE device is open to all users, as it is on most systems.
 */
class OrdinaryUserIT {

    /** Libraries that a transport and its log need. */
    private static final Pattern NEEDED = Pattern.compile("slf4j|logback|jnr-|jffi|asm");

    @TempDir
    Path directory;

    private Path mountPoint = Path.of("/");
    private Path classes = Path.of("/");

    @BeforeEach
    void prepare() throws IOException, InterruptedException {
        assumeThat(Path.of("/dev/fuse")).as("needs the device /dev/fuse").exists();
        assumeThat(System.getProperty("user.name"))
                .as("becomes other users, so starts as root")
                .isEqualTo("root");
        assumeThat(Path.of("/usr/bin/setpriv"))
                .as("needs setpriv of util-linux")
                .exists();
        directory = directory.toRealPath();
        mountPoint = Files.createDirectory(directory.resolve("mnt"));
        classes = Files.createDirectory(directory.resolve("classes"));
        // What is copied: the class path may lie where nobody may look.
        for (Path entry : ownClassPath()) {
            if (Files.isDirectory(entry)
                    || NEEDED.matcher(entry.getFileName().toString()).lookingAt()) {
                copy(entry, classes.resolve(Integer.toString(entry.hashCode())));
            }
        }
        Child.run("chmod", "-R", "a+rX", directory.toString()).text();
        Child.run("chown", "65534:65534", mountPoint.toString()).text();
    }

    private static List<Path> ownClassPath() {
        if (MountedChild.class.getClassLoader() instanceof URLClassLoader loader) {
            return Stream.of(loader.getURLs())
                    .map(url -> Path.of(url.getPath()))
                    .filter(Files::exists)
                    .toList();
        }
        return Stream.of(System.getProperty("java.class.path").split(":", -1))
                .map(Path::of)
                .filter(Files::exists)
                .toList();
    }

    private static void copy(Path from, Path to) throws IOException {
        if (Files.isRegularFile(from)) {
            Files.copy(from, to.resolveSibling(to.getFileName() + ".jar"), StandardCopyOption.REPLACE_EXISTING);
            return;
        }
        try (Stream<Path> files = Files.walk(from)) {
            files.forEach(file -> {
                try {
                    Files.copy(file, to.resolve(from.relativize(file).toString()), StandardCopyOption.REPLACE_EXISTING);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }

    private String classPath() throws IOException {
        try (Stream<Path> entries = Files.list(classes)) {
            return String.join(":", entries.map(Path::toString).toList());
        }
    }

    private Process start(String transport, String... become) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                "unshare",
                "-m",
                "sh",
                "-c",
                "mknod -m 666 \"$0/fuse\" c 10 229 && mount --bind \"$0/fuse\" /dev/fuse && exec \"$@\"",
                directory.toString()));
        command.addAll(List.of(become));
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classPath(),
                MountedChild.class.getName(),
                transport,
                mountPoint.toString()));
        return new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectError(directory.resolve("errors").toFile())
                .start();
    }

    private String await(BufferedReader output, String wanted) throws IOException {
        StringBuilder seen = new StringBuilder();
        String line;
        while ((line = output.readLine()) != null) {
            seen.append(line).append('\n');
            if (line.equals(wanted)) {
                return seen.toString();
            }
        }
        throw new AssertionError("no '" + wanted + "' in: " + seen + Files.readString(directory.resolve("errors")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"kernel", "jnr"})
    void nobodyMountsReadsAndUnmounts(String transport) throws Exception {
        Process process = start(transport, "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups");
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            await(output, "serving");
            String pid = Long.toString(process.pid());
            String[] inside = {"nsenter", "-m", "-t", pid, "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"
            };
            assertThat(run(inside, "cat", mountPoint.resolve("file").toString()).text())
                    .isEqualTo("content");
            assertThat(run(inside, "grep", " " + mountPoint + " ", "/proc/self/mountinfo")
                            .text())
                    .contains(" - fuse rafs ", "user_id=65534");
            process.getOutputStream().close();
            await(output, "done");
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
        } finally {
            process.destroyForcibly();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"kernel", "jnr"})
    void aTerminationReachesTheShutdownHook(String transport) throws Exception {
        Process process = start(transport);
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            await(output, "serving");
            process.toHandle().destroy();
            assertThat(await(output, "closed by hook")).doesNotContain("ended");
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(128 + 15);
        } finally {
            process.destroyForcibly();
        }
    }

    private static Child run(String[] inside, String... command) throws IOException, InterruptedException {
        String[] all = new String[inside.length + command.length];
        System.arraycopy(inside, 0, all, 0, inside.length);
        System.arraycopy(command, 0, all, inside.length, command.length);
        return Child.run(all);
    }
}
