package io.rafsd.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

import io.rafsd.builder.BuildOptions;
import io.rafsd.demo.registry.PushClient;
import io.rafsd.image.pack.PackedImage;
import io.rafsd.testing.Child;
import io.rafsd.testing.PackedTree;
import io.rafsd.testing.RandomTree;
import io.rafsd.testing.TreeCompare;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.output.OutputFrame;
import org.testcontainers.containers.startupcheck.OneShotStartupCheckStrategy;
import org.testcontainers.containers.wait.strategy.Wait;

/**
 * The image as it is shipped: a container mounts by reference from a real registry in another container, and whoever shares
 * the directory, as an application beside a sidecar does, reads what was packed.
 */
class ContainerIT {

    private static final String ROOT = "0:0";
    private static final String ORDINARY_USER = "65532:65532";
    private static final String REPOSITORY = "test/tree";
    private static final String REFERENCE = "registry:5000/" + REPOSITORY + ":1";
    private static final String PLANTED = "planted";
    private static final int REGISTRY_PORT = 5000;
    private static final long SIZE_LIMIT = 220_000_000;
    private static final Path FUSE = Path.of("/dev/fuse");

    @TempDir
    private static Path files = Path.of("");

    private static Path source = Path.of("");
    private static long seed;
    private static Network network = Network.SHARED;
    private static GenericContainer<?> registry = new GenericContainer<>("unused");

    @TempDir
    private Path work = Path.of("");

    private SharedDirectory shared = new SharedDirectory(Path.of(""));

    @BeforeAll
    static void fillARegistry() throws Exception {
        Images.requireEngine();
        Images.makeRafsd();
        network = Network.newNetwork();
        registry = new GenericContainer<>(Images.registry())
                .withNetwork(network)
                .withNetworkAliases("registry")
                .withExposedPorts(REGISTRY_PORT)
                .waitingFor(Wait.forHttp("/v2/").forStatusCode(200));
        registry.start();
        source = Files.createDirectories(files.resolve("source"));
        seed = new Random().nextLong();
        RandomTree.create(source, seed);
        Files.write(source.resolve(PLANTED), new byte[10_000]);
        PackedImage image =
                PackedTree.of(source, files, BuildOptions.defaults()).image();
        PushClient client = new PushClient(
                URI.create("http://" + registry.getHost() + ":" + registry.getMappedPort(REGISTRY_PORT)), REPOSITORY);
        for (PackedImage.Content layer : image.layers()) {
            client.pushBlob(Files.readAllBytes(layer.file()));
        }
        client.pushBlob(Files.readAllBytes(image.config().file()));
        client.pushManifest(
                "1",
                image.manifest().descriptor().mediaType(),
                Files.readAllBytes(image.manifest().file()));
    }

    @AfterAll
    static void removeTheRegistry() {
        registry.stop();
        network.close();
    }

    @BeforeEach
    void share() throws Exception {
        shared = SharedDirectory.create(work.resolve("shared"));
    }

    @AfterEach
    void unshare() throws Exception {
        shared.close();
    }

    private RafsdContainer rafsd(Path device, String user, String image) {
        return new RafsdContainer(shared, device, user, image)
                .withNetwork(network)
                .waitingFor(Wait.forHttp("/actuator/health/readiness"));
    }

    private void assertReadsAsPacked() throws Exception {
        assertThat(TreeCompare.differences(source, shared.image()))
                .as("seed %d", seed)
                .isEmpty();
    }

    @Test
    void whoSharesTheDirectoryReadsEveryFileAndTheContainerUnmountsAtItsEnd() throws Exception {
        try (RafsdContainer rafsd = rafsd(FUSE, ROOT, REFERENCE)) {
            rafsd.start();
            assertReadsAsPacked();
            assertThat(rafsd.get("/actuator/health/liveness").body()).contains("\"status\":\"UP\"");
            assertThat(rafsd.get("/actuator/health/readiness").body()).contains("\"state\":\"RUNNING\"");
            assertThat(rafsd.get("/actuator/daemon").body()).contains(REFERENCE, "\"state\":\"RUNNING\"");
            assertThat(rafsd.get("/actuator/blobcache").body()).contains("/var/lib/rafsd/cache/", "\"users\":1");
            assertThat(rafsd.get("/actuator/prometheus").body())
                    .containsPattern("(?m)^rafsd_fs_read_bytes_total\\S* [1-9]");
            assertThat(Child.run("docker", "exec", rafsd.getContainerId(), "healthcheck")
                            .text())
                    .isEmpty();
            assertThat(rafsd.terminate()).isZero();
            assertThat(shared.holdsMount()).isFalse();
        }
    }

    @Test
    void aWrongByteWouldBeFound() throws Exception {
        try (RafsdContainer rafsd = rafsd(FUSE, ROOT, REFERENCE)) {
            rafsd.start();
            flipAByte();
            try {
                assertThat(TreeCompare.differences(source, shared.image()))
                        .singleElement()
                        .asString()
                        .startsWith(PLANTED + ": ");
            } finally {
                flipAByte();
            }
            assertReadsAsPacked();
        }
    }

    /** Another content of the same size and time. */
    private static void flipAByte() throws Exception {
        Path file = source.resolve(PLANTED);
        FileTime time = Files.getLastModifiedTime(file);
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        Files.setLastModifiedTime(file, time);
    }

    @Test
    void anOrdinaryUserMountsWhereTheDeviceIsOpenToAll() throws Exception {
        // As most systems have it; here it may be root's alone.
        Path device = work.resolve("fuse");
        Child.run("mknod", "-m", "666", device.toString(), "c", "10", "229").text();
        Child.run("chown", ORDINARY_USER, shared.path().toString()).text();
        try (RafsdContainer rafsd = rafsd(device, ORDINARY_USER, REFERENCE)) {
            rafsd.start();
            assertThat(Child.run("docker", "exec", rafsd.getContainerId(), "id", "-u")
                            .text())
                    .isEqualTo("65532\n");
            assertReadsAsPacked();
            assertThat(rafsd.terminate()).isZero();
            assertThat(shared.holdsMount()).isFalse();
        }
    }

    @Test
    void aContainerFollowsOneThatWasKilled() throws Exception {
        try (RafsdContainer killed = rafsd(FUSE, ROOT, REFERENCE)) {
            killed.start();
            killed.kill();
        }
        assertThat(shared.holdsMount()).as("what is left mounted").isTrue();
        try (RafsdContainer next = rafsd(FUSE, ROOT, REFERENCE)) {
            next.start();
            assertReadsAsPacked();
            assertThat(next.terminate()).isZero();
        }
        assertThat(shared.holdsMount()).isFalse();
    }

    @Test
    void anImageThatIsNotThereIsSaidInOneSentence() throws Exception {
        List<String> said = new CopyOnWriteArrayList<>();
        try (RafsdContainer rafsd = new RafsdContainer(shared, FUSE, ROOT, "registry:5000/test/absent:1")
                .withNetwork(network)
                .withStartupCheckStrategy(new OneShotStartupCheckStrategy())
                .withLogConsumer((OutputFrame frame) -> said.add(frame.getUtf8String()))) {
            assertThatException().isThrownBy(rafsd::start);
        }
        assertThat(String.join("", said)).contains("Error: ", "test/absent").doesNotContain("\tat ");
    }

    @Test
    void theImageIsSmallAndItsUserIsNotRoot() throws Exception {
        assertThat(Long.parseLong(Child.run("docker", "image", "inspect", "--format", "{{.Size}}", Images.RAFSD)
                        .text()
                        .strip()))
                .isLessThan(SIZE_LIMIT);
        assertThat(Child.run("docker", "image", "inspect", "--format", "{{.Config.User}}", Images.RAFSD)
                        .text())
                .isEqualTo(ORDINARY_USER + "\n");
        // Refuses to start without the cache, which makes the start several times as fast.
        assertThat(Child.run(
                                "docker",
                                "run",
                                "--rm",
                                "--env=RAFSD_JAVA_OPTS=-XX:AOTMode=on",
                                Images.RAFSD,
                                "daemon",
                                "--help")
                        .text())
                .startsWith("Usage: rafsd daemon");
    }
}
