package io.rafsd.app;

import static io.rafsd.app.Launcher.rafsd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.rafsd.builder.BuildOptions;
import io.rafsd.demo.registry.EmbeddedRegistry;
import io.rafsd.testing.RandomTree;
import io.rafsd.testing.TreeCompare;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code rafsd mount IMAGE DIR} of the distribution: from a directory over a registry to a mount, and what a reader sees. */
class ReferenceMountIT {

    @TempDir
    private Path work = Path.of("");

    @BeforeEach
    void requireAMachineThatCanMount() {
        Launcher.requireAMachineThatCanMount();
    }

    private PublishedTree publish(Path source) throws IOException {
        return PublishedTree.of(source, work, BuildOptions.defaults());
    }

    @ParameterizedTest
    @ValueSource(strings = {"kernel", "jnr"})
    void randomTreeLooksThroughTheMountAsItWas(String transport) throws Exception {
        long seed = new Random().nextLong();
        Path source = Files.createDirectories(work.resolve("source"));
        RandomTree.create(source, seed);
        Path mountPoint = Files.createDirectories(work.resolve("mnt"));
        Set<String> before = notes();
        try (EmbeddedRegistry registry = publish(source).serve(0)) {
            String image = registry.host() + "/" + PublishedTree.REPOSITORY;
            Launcher.Outcome mounted = rafsd("mount", "--transport", transport, image, mountPoint.toString());
            assertThat(mounted.said()).contains("is mounted at");
            try {
                assertThat(rafsd("list").said()).contains(image).contains(mountPoint.toString());
                assertThat(rafsd("mount", image, mountPoint.toString()))
                        .isEqualTo(new Launcher.Outcome(
                                1,
                                "Error: " + mountPoint + " is mounted already; unmount it with: rafsd umount "
                                        + mountPoint + "\n"));
                // The root's time is not kept by the format.
                Files.setLastModifiedTime(source, Files.getLastModifiedTime(mountPoint));
                assertThat(TreeCompare.differences(source, mountPoint))
                        .as("seed %d", seed)
                        .isEmpty();
            } finally {
                assertThat(rafsd("umount", mountPoint.toString()).status()).isZero();
            }
            assertThat(mountPoint).isEmptyDirectory();
            assertThat(notes()).isEqualTo(before);
            assertThat(rafsd("umount", mountPoint.toString()).said()).contains("has nothing mounted");
        }
    }

    @Test
    void readsFailWhileTheRegistryIsAwayAndSucceedAgainAfterwardsWithoutARemount() throws Exception {
        Path source = Files.createDirectories(work.resolve("source"));
        byte[] first = bytes(3 << 20, 1);
        // More than is read ahead of who reads the first.
        byte[] second = bytes(32 << 20, 2);
        Files.write(source.resolve("first"), first);
        Files.write(source.resolve("second"), second);
        PublishedTree tree = publish(source);
        Path mountPoint = Files.createDirectories(work.resolve("mnt"));
        EmbeddedRegistry registry = tree.serve(0);
        int port = registry.address().getPort();
        rafsd("mount", registry.host() + "/" + PublishedTree.REPOSITORY, mountPoint.toString());
        try {
            assertThat(Files.readAllBytes(mountPoint.resolve("first"))).isEqualTo(first);
            registry.close();
            assertThatIOException().isThrownBy(() -> Files.readAllBytes(mountPoint.resolve("second")));
            assertThat(Files.readAllBytes(mountPoint.resolve("first"))).isEqualTo(first);
            registry = tree.serve(port);
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
                .isEqualTo(new Launcher.Outcome(
                        1,
                        "Error: 'no-host' is no image reference; write REGISTRY/REPOSITORY[:TAG][@sha256:DIGEST],"
                                + " with the registry's host, for example registry.example.com/team/app:1\n"));
        Launcher.Outcome absent =
                rafsd("mount", "127.0.0.1:1/a/b", work.resolve("absent").toString());
        assertThat(absent.status()).isEqualTo(1);
        assertThat(absent.said()).startsWith("Error: ").contains("mkdir -p").doesNotContain("\tat ");
        Launcher.Outcome refused = rafsd("mount", "127.0.0.1:1/a/b", mountPoint.toString());
        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.said()).startsWith("Error: ").contains("127.0.0.1:1").doesNotContain("\tat ");
        assertThat(rafsd("--no-such-flag").status()).isEqualTo(2);
    }

    /** What root's mounts leave while they are there. */
    private static Set<String> notes() {
        String[] names = new File("/run/rafsd").list();
        return names == null ? Set.of() : Set.of(names);
    }

    private static byte[] bytes(int size, long seed) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
