package io.rafsd.app;

import static io.rafsd.app.Launcher.rafsd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.rafsd.builder.BuildOptions;
import io.rafsd.builder.BuildProgress;
import io.rafsd.builder.BuiltImage;
import io.rafsd.builder.FsVersion;
import io.rafsd.builder.ImageBuilder;
import io.rafsd.demo.registry.EmbeddedRegistry;
import io.rafsd.linux.MountTable;
import io.rafsd.testing.RandomTree;
import io.rafsd.testing.TreeCompare;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The kernel's EROFS reads an image whose blobs we serve as files: how it is mounted, what is refused, and what stays when
 * somebody dies. That every form of an image reads right is in {@link EveryFormatIT}.
 */
class ErofsMountIT {

    private static final int LARGE = 8 << 20;

    @TempDir
    private Path work = Path.of("");

    private final long seed = new Random().nextLong();
    private Path source = Path.of("");
    private Path target = Path.of("");

    @BeforeEach
    void makeASource() throws IOException {
        Launcher.requireAMachineThatCanMount();
        assumeTrue(ErofsReader.isThere(), "this kernel has no EROFS built in");
        source = Files.createDirectories(work.resolve("source"));
        target = Files.createDirectories(work.resolve("target"));
        RandomTree.create(source, seed);
        byte[] large = new byte[LARGE];
        new Random(seed).nextBytes(large);
        Files.write(source.resolve("large"), large);
    }

    /** Where a test failed. */
    @AfterEach
    void leaveNothingBehind() throws Exception {
        for (MountTable.Entry entry : MountTable.read().reversed()) {
            if (Path.of(entry.mountPoint()).startsWith(work)) {
                Launcher.run(List.of("umount", "-l", entry.mountPoint()));
            }
        }
    }

    private PublishedTree publish(BuildOptions options) throws IOException {
        return PublishedTree.of(source, work, options);
    }

    private MountingDaemon daemon() throws IOException {
        return MountingDaemon.startForErofs(work, work.resolve("state"));
    }

    private static Path blobs(BuiltImage image) {
        return Objects.requireNonNull(image.bootstrap().getParent());
    }

    private List<String> differences() throws IOException {
        // The root's time is not kept by the format.
        Files.setLastModifiedTime(source, Files.getLastModifiedTime(target));
        return TreeCompare.differences(source, target);
    }

    @Test
    void daemonMountsShowsAndUnmountsIt() throws Exception {
        BuiltImage image = publish(BuildOptions.defaults()).built();
        try (MountingDaemon daemon = daemon()) {
            daemon.mountErofs(target, image.bootstrap(), blobs(image));
            assertThat(MountTable.at(target)).extracting(MountTable.Entry::type).isEqualTo("erofs");
            assertThat(differences()).as("seed %d", seed).isEmpty();
            assertThat(daemon.mounts())
                    .contains("\"mountpoint\":\"" + target + "\",")
                    .contains("\"transport\":\"erofs\"");
            // What is served for the kernel is nobody else's to find.
            try (DirectoryStream<Path> listed = Files.newDirectoryStream(daemon.mountPoint())) {
                assertThat(listed).isEmpty();
            }
            // The same once more, as clients do after an upgrade.
            assertThat(daemon.askErofs(target.toString(), image.bootstrap(), blobs(image)))
                    .startsWith("HTTP/1.1 204 ");
            try (InputStream used = Files.newInputStream(target.resolve("large"))) {
                assertThat(used.read()).isNotNegative();
                assertThat(daemon.unmount(target.toString()))
                        .startsWith("HTTP/1.1 500 ")
                        .contains(target + " is in use");
                assertThat(differences()).as("seed %d", seed).isEmpty();
            }
            assertThat(daemon.unmount(target.toString())).startsWith("HTTP/1.1 204 ");
            assertThat(MountTable.at(target)).isNull();
            daemon.mountErofs(target, image.bootstrap(), blobs(image));
        }
        assertThat(MountTable.read())
                .noneMatch(entry -> Path.of(entry.mountPoint()).startsWith(work));
        assertThat(work.resolve("state/erofs")).isEmptyDirectory();
    }

    @Test
    void wrongByteOfABlobOrOfItsCacheIsNeverShown() throws Exception {
        BuiltImage image = publish(BuildOptions.defaults()).built();
        try (MountingDaemon daemon = daemon()) {
            daemon.mountErofs(target, image.bootstrap(), blobs(image));
            assertThat(differences()).as("seed %d", seed).isEmpty();
            flip(source.resolve("large"));
            assertThat(differences()).singleElement().asString().startsWith("large: ");
            flip(source.resolve("large"));
        }
        for (BuiltImage.Blob blob : image.blobs()) {
            flip(work.resolve("cache-over").resolve(blob.id().value() + ".blob.data"));
        }
        try (MountingDaemon daemon = daemon()) {
            daemon.mountErofs(target, image.bootstrap(), blobs(image));
            assertThat(differences()).as("seed %d", seed).isEmpty();
        }
    }

    /** Changes one byte and nothing else. */
    private static void flip(Path file) throws IOException {
        FileTime modified = Files.getLastModifiedTime(file);
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.seek(open.length() / 2);
            int byteThere = open.read();
            open.seek(open.length() / 2);
            open.write(byteThere ^ 1);
        }
        Files.setLastModifiedTime(file, modified);
    }

    @Test
    void imageOfARegistryIsMountedListedAndUnmountedByCommand() throws Exception {
        try (EmbeddedRegistry registry = publish(BuildOptions.defaults()).serve(0)) {
            String image = registry.host() + "/" + PublishedTree.REPOSITORY;
            assertThat(rafsd("mount", "--transport", "erofs", image, target.toString())
                            .said())
                    .contains("is mounted at");
            assertThat(rafsd("list").said()).contains(target.toString());
            assertThat(MountTable.at(target)).extracting(MountTable.Entry::type).isEqualTo("erofs");
            assertThat(differences()).as("seed %d", seed).isEmpty();
            assertThat(rafsd("umount", target.toString()).status()).isZero();
        }
        assertThat(MountTable.at(target)).isNull();
        assertThat(MountTable.read()).noneMatch(entry -> entry.source().contains(work.toString()));
    }

    @Test
    void whatADaemonThatDiedLeftIsRemovedByTheNext() throws Exception {
        BuiltImage image = publish(BuildOptions.defaults()).built();
        MountingDaemon died = daemon();
        died.mountErofs(target, image.bootstrap(), blobs(image));
        died.kill();
        assertThat(target.resolve("large")).exists();
        assertThatIOException().isThrownBy(() -> Files.readAllBytes(target.resolve("large")));
        assertThat(Launcher.run(List.of("umount", "-l", died.mountPoint().toString()))
                        .status())
                .isZero();
        try (MountingDaemon next = daemon()) {
            next.mountErofs(target, image.bootstrap(), blobs(image));
            assertThat(differences()).as("seed %d", seed).isEmpty();
        }
        assertThat(MountTable.at(target)).isNull();
    }

    @Test
    void whatACommandThatDiedLeftIsRemovedByUmount() throws Exception {
        try (EmbeddedRegistry registry = publish(BuildOptions.defaults()).serve(0)) {
            String image = registry.host() + "/" + PublishedTree.REPOSITORY;
            String said = rafsd("mount", "--transport", "erofs", image, target.toString())
                    .said();
            String pid = said.replaceAll("(?s).*process (\\d+).*", "$1");
            ProcessHandle.of(Long.parseLong(pid)).orElseThrow().destroyForcibly();
            ProcessHandle.of(Long.parseLong(pid))
                    .ifPresent(process -> process.onExit().join());
            assertThat(rafsd("umount", target.toString()).said()).contains("a daemon that died");
            assertThat(MountTable.at(target)).isNull();
            assertThat(rafsd("mount", "--transport", "erofs", image, target.toString())
                            .said())
                    .contains("is mounted at");
            assertThat(differences()).as("seed %d", seed).isEmpty();
            rafsd("umount", target.toString());
        }
    }

    @Test
    void whatTheKernelCannotDoIsRefusedByName() throws Exception {
        BuiltImage fifth = ImageBuilder.build(
                BuildOptions.defaults().withVersion(FsVersion.V5),
                source,
                Files.createDirectories(work.resolve("fifth")),
                BuildProgress.SILENT);
        Path other = Files.createDirectories(work.resolve("other"));
        BuiltImage sixth =
                PublishedTree.of(source, other, BuildOptions.defaults()).built();
        try (MountingDaemon daemon = daemon()) {
            assertThat(daemon.askErofs(target.toString(), fifth.bootstrap(), blobs(fifth)))
                    .startsWith("HTTP/1.1 501 ")
                    .contains("RAFS v5");
            assertThat(daemon.askErofs("relative", sixth.bootstrap(), blobs(sixth)))
                    .startsWith("HTTP/1.1 500 ")
                    .contains("is not absolute");
            assertThat(daemon.askErofs(work.resolve("absent").toString(), sixth.bootstrap(), blobs(sixth)))
                    .startsWith("HTTP/1.1 500 ")
                    .contains("mkdir -p");
            assertThat(daemon.mounts()).endsWith("{}");
        }
        assertThat(rafsd("nydusd", "--mountpoint", target.toString(), "--transport", "erofs"))
                .matches(outcome -> outcome.status() == 1 && outcome.said().contains("rafsd mount"));
        Path memory = Path.of("/dev/shm");
        assumeTrue(Files.getFileStore(memory).type().equals("tmpfs"), memory + " is no tmpfs");
        Path state = Files.createTempDirectory(memory, "rafsd-state-");
        try (MountingDaemon daemon = MountingDaemon.startForErofs(work, state)) {
            assertThat(daemon.askErofs(target.toString(), sixth.bootstrap(), blobs(sixth)))
                    .startsWith("HTTP/1.1 501 ")
                    .contains("lies on tmpfs")
                    .contains("rafsd.state-dir");
            // FUSE does without.
            daemon.mount("fuse", sixth.bootstrap(), blobs(sixth));
            assertThat(daemon.mountPoint().resolve("fuse/large")).hasSameBinaryContentAs(source.resolve("large"));
        } finally {
            Launcher.run(List.of("rm", "-r", state.toString()));
        }
    }
}
