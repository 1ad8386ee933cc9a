package io.rafsd.image.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafsd.builder.BuildOptions;
import io.rafsd.builder.BuildProgress;
import io.rafsd.builder.BuiltImage;
import io.rafsd.builder.FsVersion;
import io.rafsd.builder.ImageBuilder;
import io.rafsd.builder.ImageSource;
import io.rafsd.builder.ImageTarget;
import io.rafsd.codec.Compression;
import io.rafsd.testing.ImageListing;
import io.rafsd.testing.RandomTree;
import io.rafsd.testing.TreeCompare;
import io.rafsd.testing.TreeListing;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whole images are checked, counted and unpacked. */
class LocalImageTest {

    private static final long SEED = 99;

    @TempDir
    Path work;

    @ParameterizedTest
    @EnumSource(FsVersion.class)
    void wholeImageHasNoProblemsAndEveryChunkIsChecked(FsVersion version) throws IOException {
        BuiltImage built = build(options(version));

        ImageCheck.Report report = check(built);

        assertThat(report.problems()).isEmpty();
        assertThat(report.chunks()).isEqualTo(built.statistics().chunks());
        assertThat(report.files()).isPositive();
    }

    @ParameterizedTest
    @EnumSource(FsVersion.class)
    void wrongByteOfABlobIsNamedWithItsFileAndPlace(FsVersion version) throws IOException {
        BuiltImage built = build(options(version).withCompression(Compression.NONE));
        Path blob = built.blobs().getFirst().file();
        byte[] bytes = Files.readAllBytes(blob);
        bytes[70_000] ^= 1;
        Files.write(blob, bytes);

        ImageCheck.Report report = check(built);

        assertThat(report.problems())
                .isNotEmpty()
                .allSatisfy(problem -> assertThat(problem)
                        .startsWith("/")
                        .contains("blob " + built.blobs().getFirst().id())
                        .contains("its digest is"));
    }

    @Test
    void blobThatEndsEarlyIsNamed() throws IOException {
        BuiltImage built = build(options(FsVersion.V5));
        Path blob = built.blobs().getFirst().file();
        Files.write(blob, Arrays.copyOf(Files.readAllBytes(blob), 100_000));

        assertThat(check(built).problems()).anyMatch(problem -> problem.contains("ends before its chunk"));
    }

    @ParameterizedTest
    @EnumSource(FsVersion.class)
    void unpackedImageBuiltAgainIsTheSameTree(FsVersion version) throws IOException {
        BuiltImage built = build(options(version));
        Path tar = work.resolve("unpacked.tar");
        try (LocalImage image = open(built);
                OutputStream out = Files.newOutputStream(tar)) {
            TarExport.write(image, out);
        }

        Path directory = Files.createDirectory(work.resolve("again"));
        BuiltImage again = ImageBuilder.build(
                options(version),
                new ImageSource.Tar(tar),
                new ImageTarget(directory, null, directory.resolve("image.boot"), false),
                BuildProgress.SILENT);

        assertThat(TreeCompare.differences(
                        withoutSockets(ImageListing.of(built.bootstrap(), work.resolve("image"))),
                        withoutSockets(ImageListing.of(again.bootstrap(), directory))))
                .as("seed " + SEED)
                .isEmpty();
    }

    @Test
    void statisticsCountNamesFilesAndChunks() throws IOException {
        Path tree = Files.createDirectories(work.resolve("tree"));
        Files.createDirectory(tree.resolve("d"));
        Files.write(tree.resolve("d/a"), new byte[5000]);
        Files.createLink(tree.resolve("d/b"), tree.resolve("d/a"));
        Files.createSymbolicLink(tree.resolve("l"), Path.of("d"));
        BuiltImage built = buildFrom(tree, BuildOptions.defaults());
        ImageStatistics statistics = new ImageStatistics();

        try (LocalImage image = open(built)) {
            statistics.add(image.metadata());
            statistics.add(image.metadata());
        }

        assertThat(statistics.directories()).isEqualTo(4);
        assertThat(statistics.files()).isEqualTo(4);
        assertThat(statistics.symlinks()).isEqualTo(2);
        assertThat(statistics.fileBytes()).isEqualTo(10_000);
        assertThat(statistics.known()).hasSize(1);
        assertThat(statistics.known().values().iterator().next().images()).isEqualTo(2);
    }

    private ImageCheck.Report check(BuiltImage built) throws IOException {
        try (LocalImage image = open(built)) {
            return ImageCheck.all(image, (_, _) -> {});
        }
    }

    private LocalImage open(BuiltImage built) throws IOException {
        return new LocalImage(built.bootstrap(), new LocalImage.Blobs(work.resolve("image"), null));
    }

    private static BuildOptions options(FsVersion version) {
        return BuildOptions.defaults().withVersion(version).withChunkSize(1 << 16);
    }

    private BuiltImage build(BuildOptions options) throws IOException {
        Path tree = Files.createDirectory(work.resolve("tree"));
        RandomTree.create(tree, SEED);
        return buildFrom(tree, options);
    }

    private BuiltImage buildFrom(Path tree, BuildOptions options) throws IOException {
        Path directory = Files.createDirectories(work.resolve("image"));
        return ImageBuilder.build(
                options,
                new ImageSource.Directory(tree),
                new ImageTarget(directory, null, directory.resolve("image.boot"), false),
                BuildProgress.SILENT);
    }

    private static TreeListing withoutSockets(TreeListing listing) {
        SortedMap<String, TreeListing.Node> kept = new TreeMap<>(listing.entries());
        kept.values().removeIf(node -> (node.mode() & 0xF000) == 0xC000);
        // A tar of an image has no member for the root.
        kept.remove(".");
        return new TreeListing(kept);
    }
}
