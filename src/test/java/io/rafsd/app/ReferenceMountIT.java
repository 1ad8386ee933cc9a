package io.rafsd.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.rafsd.builder.BuildOptions;
import io.rafsd.builder.BuildProgress;
import io.rafsd.builder.BuiltImage;
import io.rafsd.builder.ImageBuilder;
import io.rafsd.demo.registry.Access;
import io.rafsd.demo.registry.EmbeddedRegistry;
import io.rafsd.image.pack.BuiltRafs;
import io.rafsd.image.pack.ImagePacker;
import io.rafsd.image.pack.PackedImage;
import io.rafsd.oci.Platform;
import io.rafsd.testing.RandomTree;
import io.rafsd.testing.TreeCompare;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code rafsd mount IMAGE DIR} of the distribution: from a directory over a registry to a mount, and what a reader sees. */
class ReferenceMountIT {

    private static final Path LAUNCHER = Path.of(
                    System.getProperty("rafsd.distribution", "target/rafsd"), "bin", "rafsd")
            .toAbsolutePath();
    private static final Access TOKENS = new Access.Token("", "", Duration.ofMinutes(5));
    private static final String REPOSITORY = "test/tree";

    @TempDir
    private Path work = Path.of("");

    @BeforeEach
    void requireAMachineThatCanMount() {
        assumeTrue(Files.exists(LAUNCHER), "there is no distribution at " + LAUNCHER);
        assumeTrue(Files.exists(Path.of("/dev/fuse")), "there is no /dev/fuse");
        assumeTrue("root".equals(System.getProperty("user.name")), "device files need root");
    }

    private record Outcome(int status, String said) {}

    private static Outcome rafsd(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(LAUNCHER.toString()));
        command.addAll(Arrays.asList(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Outcome(process.waitFor(), said);
    }

    private PackedImage pack(Path source) throws IOException {
        BuiltImage built = ImageBuilder.build(
                BuildOptions.defaults(), source, Files.createDirectories(work.resolve("image")), BuildProgress.SILENT);
        BuiltRafs rafs = new BuiltRafs(
                built.bootstrap(),
                built.blobs().stream()
                        .map(blob -> new BuiltRafs.Blob(blob.id().value(), blob.file(), blob.chunkTable()))
                        .toList(),
                "6");
        return ImagePacker.pack(rafs, Platform.current(), Files.createDirectories(work.resolve("oci")));
    }

    private EmbeddedRegistry registry(PackedImage image, int port) throws IOException {
        EmbeddedRegistry registry =
                EmbeddedRegistry.start(Files.createDirectories(work.resolve("registry")), TOKENS, port);
        for (PackedImage.Content layer : image.layers()) {
            registry.addBlob(layer.file());
        }
        registry.addBlob(image.config().file());
        registry.addManifest(
                REPOSITORY,
                "latest",
                image.manifest().descriptor().mediaType(),
                Files.readAllBytes(image.manifest().file()));
        return registry;
    }

    @ParameterizedTest
    @ValueSource(strings = {"kernel", "jnr"})
    void randomTreeLooksThroughTheMountAsItWas(String transport) throws Exception {
        long seed = new Random().nextLong();
        Path source = Files.createDirectories(work.resolve("source"));
        RandomTree.create(source, seed);
        Path mountPoint = Files.createDirectories(work.resolve("mnt"));
        try (EmbeddedRegistry registry = registry(pack(source), 0)) {
            String image = registry.host() + "/" + REPOSITORY;
            Outcome mounted = rafsd("mount", "--transport", transport, image, mountPoint.toString());
            assertThat(mounted.said()).contains("is mounted at");
            try {
                assertThat(rafsd("list").said()).contains(image).contains(mountPoint.toString());
                // The root's time is not kept by the format.
                Files.setLastModifiedTime(source, Files.getLastModifiedTime(mountPoint));
                assertThat(TreeCompare.differences(source, mountPoint))
                        .as("seed %d", seed)
                        .isEmpty();
            } finally {
                assertThat(rafsd("umount", mountPoint.toString()).status()).isZero();
            }
            assertThat(mountPoint).isEmptyDirectory();
            assertThat(rafsd("umount", mountPoint.toString()).said()).contains("has nothing mounted");
        }
    }

    @Test
    void readsFailWhileTheRegistryIsAwayAndSucceedAgainAfterwardsWithoutARemount() throws Exception {
        Path source = Files.createDirectories(work.resolve("source"));
        byte[] first = bytes(3 << 20, 1);
        byte[] second = bytes(3 << 20, 2);
        Files.write(source.resolve("first"), first);
        Files.write(source.resolve("second"), second);
        PackedImage image = pack(source);
        Path mountPoint = Files.createDirectories(work.resolve("mnt"));
        EmbeddedRegistry registry = registry(image, 0);
        int port = registry.address().getPort();
        rafsd("mount", registry.host() + "/" + REPOSITORY, mountPoint.toString());
        try {
            assertThat(Files.readAllBytes(mountPoint.resolve("first"))).isEqualTo(first);
            registry.close();
            assertThatIOException().isThrownBy(() -> Files.readAllBytes(mountPoint.resolve("second")));
            assertThat(Files.readAllBytes(mountPoint.resolve("first"))).isEqualTo(first);
            registry = registry(image, port);
            assertThat(Files.readAllBytes(mountPoint.resolve("second"))).isEqualTo(second);
        } finally {
            registry.close();
            rafsd("umount", mountPoint.toString());
        }
    }

    @Test
    void whatIsWrongIsSaidInOneSentence() throws Exception {
        Path mountPoint = Files.createDirectories(work.resolve("mnt"));
        assertThat(rafsd("mount", "no-host", mountPoint.toString()))
                .isEqualTo(new Outcome(
                        1,
                        "Error: 'no-host' is no image reference; write REGISTRY/REPOSITORY[:TAG][@sha256:DIGEST],"
                                + " with the registry's host, for example registry.example.com/team/app:1\n"));
        Outcome absent =
                rafsd("mount", "127.0.0.1:1/a/b", work.resolve("absent").toString());
        assertThat(absent.status()).isEqualTo(1);
        assertThat(absent.said()).startsWith("Error: ").contains("mkdir -p").doesNotContain("\tat ");
        Outcome refused = rafsd("mount", "127.0.0.1:1/a/b", mountPoint.toString());
        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.said()).startsWith("Error: ").contains("127.0.0.1:1").doesNotContain("\tat ");
        assertThat(rafsd("--no-such-flag").status()).isEqualTo(2);
    }

    private static byte[] bytes(int size, long seed) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
