package io.rafsd.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.rafsd.linux.RawPath;
import io.rafsd.testing.RandomTree;
import io.rafsd.testing.TreeCompare;
import io.rafsd.testing.TreeListing;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Images by the independent builder, of every kind it makes, are through a mount the trees that they were made of. What our
 * builder makes for the independent reader is the other way round: {@code io.rafsd.builder.OracleTest}.
 */
class OracleImagesIT {

    private static final Path ORACLE = Path.of(System.getProperty("rafsd.shared", "../shared"), "oracle")
            .toAbsolutePath()
            .normalize();
    private static final String MARKED = "marked";

    private final long seed = new Random().nextLong();

    @TempDir
    Path work;

    @Test
    void imagesByTheIndependentBuilderAreTheTreesTheyWereMadeOf() throws Exception {
        Launcher.requireAMachineThatCanMount();
        assumeTrue(Files.exists(ORACLE.resolve("mkrafs.py")), "no independent builder at " + ORACLE);
        Path odd = Files.createDirectory(work.resolve("odd"));
        RandomTree.create(odd, seed);
        Path marked = Files.write(odd.resolve(MARKED), "one byte".getBytes(StandardCharsets.US_ASCII));
        TreeListing oddTree = TreeListing.of(RawPath.of(odd));
        TreeListing plainTree = TreeListing.of(RawPath.of(plain()));
        build();
        FileTime time = Files.getLastModifiedTime(marked);
        Files.setLastModifiedTime(Files.write(marked, "0ne byte".getBytes(StandardCharsets.US_ASCII)), time);
        Files.move(work.resolve("images/v6-none"), work.resolve("images/right"));
        build("v6-none");
        Files.move(work.resolve("images/v6-none"), work.resolve("images/wrong"));

        Map<String, List<String>> differing = new TreeMap<>();
        try (MountingDaemon daemon = MountingDaemon.start("kernel", work);
                DirectoryStream<Path> images = Files.newDirectoryStream(work.resolve("images"))) {
            for (Path image : images) {
                String name = Objects.requireNonNull(image.getFileName()).toString();
                if (name.equals("tarfs")) {
                    assertThat(daemon.ask(name, bootstrap(image), image)).contains("holds a tarfs image");
                    continue;
                }
                TreeListing seen = TreeListing.of(daemon.mount(name, bootstrap(image), image));
                differing.put(name, TreeCompare.differences(name.startsWith("plain") ? plainTree : oddTree, seen));
            }
        }
        assertThat(differing).as("seed %d", seed).hasSize(14);
        // The shared checker does see one wrong byte.
        assertThat(differing.remove("wrong")).singleElement().asString().startsWith(MARKED + ": ");
        assertThat(differing.values()).as("seed %d: %s", seed, differing).allMatch(List::isEmpty);
    }

    private static Path bootstrap(Path image) {
        Path own = image.resolve("image.boot");
        return Files.exists(own) ? own : image.resolve("blob");
    }

    /** What a ustar archive can hold: no fractions of a second, no extended attributes. */
    private Path plain() throws IOException {
        Path plain = Files.createDirectory(work.resolve("plain"));
        Random random = new Random(seed);
        Path directory = Files.createDirectory(plain.resolve("directory"));
        for (int size : new int[] {0, 1, 4097, 65536, 100_000}) {
            byte[] bytes = new byte[size];
            random.nextBytes(bytes);
            Files.write(directory.resolve("random-" + size), bytes);
            Files.writeString(plain.resolve("text-" + size), "hello ".repeat(size / 6));
        }
        Files.createLink(plain.resolve("link"), directory.resolve("random-4097"));
        Files.createSymbolicLink(plain.resolve("symlink"), Path.of("directory"));
        try (var all = Files.walk(plain)) {
            for (Path path : all.filter(p -> !Files.isSymbolicLink(p)).toList()) {
                Files.setLastModifiedTime(path, FileTime.from(Instant.ofEpochSecond(1_234_567_890)));
            }
        }
        new ProcessBuilder(
                        "touch",
                        "-h",
                        "-d",
                        "@1234567890",
                        plain.resolve("symlink").toString())
                .start()
                .onExit()
                .join();
        return plain;
    }

    private void build(String... names) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("python3", "-", ORACLE.toString()));
        for (String part : List.of("odd", "plain", "images")) {
            command.add(work.resolve(part).toString());
        }
        command.addAll(List.of(names));
        Process python = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(work.resolve("build.log").toFile())
                .start();
        try (InputStream script = Objects.requireNonNull(getClass().getResourceAsStream("oracle-build.py"));
                OutputStream in = python.getOutputStream()) {
            script.transferTo(in);
        }
        assertThat(python.waitFor())
                .as(() -> "seed " + seed + ", see " + work.resolve("build.log"))
                .isZero();
    }
}
