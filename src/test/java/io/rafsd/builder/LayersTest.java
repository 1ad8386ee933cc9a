package io.rafsd.builder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.rafsd.blob.BlobFeatures;
import io.rafsd.blob.BlobInfo;
import io.rafsd.codec.Compression;
import io.rafsd.error.InvalidRequest;
import io.rafsd.testing.ImageListing;
import io.rafsd.testing.TreeListing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Layers on layers: parents, merging, dictionaries. */
class LayersTest {

    @TempDir
    Path work;

    private Path lower;
    private Path upper;
    private Path blobs;

    @BeforeEach
    void makeLayers() throws IOException {
        lower = work.resolve("lower");
        upper = work.resolve("upper");
        blobs = Files.createDirectory(work.resolve("blobs"));
        write(lower, "kept", "from below");
        write(lower, "changed", "before");
        write(lower, "removed", "gone");
        write(lower, "hidden/a", "gone too");
        write(lower, "hidden/b", "gone as well");
        write(lower, "became-file/inner", "gone with its directory");
        write(upper, "changed", "after");
        write(upper, "added/deep/file", "new");
        write(upper, "hidden/c", "all that is there");
        write(upper, "became-file", "a file now");
    }

    @ParameterizedTest
    @EnumSource(FsVersion.class)
    void upperLayerHidesByOciWhiteoutsWhatLiesBelow(FsVersion version) throws IOException {
        write(upper, ".wh.removed", "");
        write(upper, "hidden/.wh..wh..opq", "");
        BuildOptions options = BuildOptions.defaults().withVersion(version);
        BuiltImage base = build(options, lower, "base");

        BuiltImage image = build(options.withParent(base.bootstrap()), upper, "top");

        requireResult(ImageListing.of(image.bootstrap(), blobs).entries());
        assertThat(image.blobTable()).hasSize(2);
        assertThat(image.blobTable().getFirst().id())
                .isEqualTo(base.blobs().getFirst().id());
    }

    @ParameterizedTest
    @EnumSource(FsVersion.class)
    void mergedLayersAreTheImageThatBuildingOneOnTheOtherGives(FsVersion version) throws IOException {
        write(upper, ".wh.removed", "");
        write(upper, "hidden/.wh..wh..opq", "");
        BuildOptions options = BuildOptions.defaults().withVersion(version);
        BuiltImage first = build(options, lower, "first");
        BuiltImage second = build(options.withWhiteouts(Whiteouts.NONE), upper, "second");

        ImageMerger.MergedImage merged = ImageMerger.merge(
                new MergeOptions(
                        List.of(first.bootstrap(), second.bootstrap()),
                        null,
                        null,
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of("/")),
                work.resolve("merged.boot"));

        requireResult(ImageListing.of(merged.bootstrap(), blobs).entries());
        assertThat(merged.blobTable().stream().map(blob -> blob.id()).toList())
                .containsExactlyInAnyOrder(
                        first.blobs().getFirst().id(), second.blobs().getFirst().id());
    }

    @Test
    void inlinedLayersAreMergedByTheNamesOfTheirBlobs() throws IOException {
        write(upper, ".wh.removed", "");
        write(upper, "hidden/.wh..wh..opq", "");
        BuildOptions options =
                BuildOptions.defaults().withInlineBootstrap(true).withToc(true).withWhiteouts(Whiteouts.NONE);
        BuiltImage first = build(options, lower, "unused");
        BuiltImage second = build(options, upper, "unused");

        ImageMerger.MergedImage merged = ImageMerger.merge(
                MergeOptions.of(List.of(first.bootstrap(), second.bootstrap())), work.resolve("merged.boot"));

        requireResult(ImageListing.of(merged.bootstrap(), blobs).entries());
    }

    @Test
    void overlayfsWhiteoutsHideAndLeaveNoTrace() throws Exception {
        BuildOptions options = BuildOptions.defaults().withWhiteouts(Whiteouts.OVERLAYFS);
        run("mknod", upper.resolve("removed").toString(), "c", "0", "0");
        run(
                "setfattr",
                "-n",
                "trusted.overlay.opaque",
                "-v",
                "y",
                upper.resolve("hidden").toString());
        BuiltImage base = build(options, lower, "base");

        BuiltImage image = build(options.withParent(base.bootstrap()), upper, "top");

        SortedMap<String, TreeListing.Node> found =
                ImageListing.of(image.bootstrap(), blobs).entries();
        requireResult(found);
        assertThat(Objects.requireNonNull(found.get("hidden")).xattrs()).isEmpty();
    }

    @Test
    void withoutWhiteoutSpecMarksAreOrdinaryFiles() throws IOException {
        write(upper, ".wh.removed", "");
        BuildOptions options = BuildOptions.defaults().withWhiteouts(Whiteouts.NONE);
        BuiltImage base = build(options, lower, "base");

        BuiltImage image = build(options.withParent(base.bootstrap()), upper, "top");

        assertThat(ImageListing.of(image.bootstrap(), blobs).entries())
                .containsKeys("removed", ".wh.removed", "hidden/a");
    }

    @ParameterizedTest
    @EnumSource(FsVersion.class)
    void chunksOfTheDictionaryAreNotStoredAgainAndUnusedBlobsNotListed(FsVersion version) throws IOException {
        BuildOptions options = BuildOptions.defaults().withVersion(version).withCompression(Compression.NONE);
        BuiltImage dictionary = build(options, lower, "dictionary");
        write(upper, "copy", "from below");

        BuiltImage image = build(options.withDictionary(dictionary.bootstrap()), upper, "image");
        BuiltImage stranger = build(options.withDictionary(dictionary.bootstrap()), other(), "stranger");

        assertThat(image.statistics().repeatedChunks()).isEqualTo(1);
        assertThat(image.blobTable()).hasSize(2);
        assertThat(Objects.requireNonNull(ImageListing.of(image.bootstrap(), blobs)
                                .entries()
                                .get("copy"))
                        .size())
                .isEqualTo("from below".length());
        assertThat(stranger.blobTable()).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(FsVersion.class)
    void linkToAFileOfTheLowerLayerIsAnotherNameOfIt(FsVersion version) throws Exception {
        BuildOptions options = BuildOptions.defaults().withVersion(version);
        BuiltImage base = build(options, lower, "base");
        Path tree = work.resolve("links");
        write(tree, "kept", "only here so that the archive has a link to it");
        Files.createLink(tree.resolve("other"), tree.resolve("kept"));
        Path tar = TreeInATar.pack(work, tree, List.of("--format=gnu"), "--no-auto-compress");
        TreeInATar.run("tar", "--delete", "-f", tar.toString(), "./kept");

        BuiltImage image = ImageBuilder.build(
                options.withParent(base.bootstrap()),
                new ImageSource.Tar(tar),
                new ImageTarget(blobs, null, work.resolve("top.boot"), false),
                BuildProgress.SILENT);

        SortedMap<String, TreeListing.Node> found =
                ImageListing.of(image.bootstrap(), blobs).entries();
        TreeListing.Node other = Objects.requireNonNull(found.get("other"));
        assertThat(other).isEqualTo(found.get("kept"));
        assertThat(other.names()).isEqualTo(2);
        assertThat(other.size()).isEqualTo("from below".length());
    }

    @Test
    void whatTheCallerKnowsOfALayersBlobIsStatedOfIt() throws IOException {
        BuildOptions options =
                BuildOptions.defaults().withInlineBootstrap(true).withToc(true).withWhiteouts(Whiteouts.NONE);
        BuiltImage layer = build(options, lower, "unused");
        String digest = "1".repeat(64);
        String toc = "2".repeat(64);

        BlobInfo blob = ImageMerger.merge(
                        new MergeOptions(
                                List.of(layer.bootstrap()),
                                null,
                                null,
                                List.of("given"),
                                List.of(digest),
                                List.of(12345L),
                                List.of(toc),
                                List.of(1024L),
                                List.of()),
                        work.resolve("merged.boot"))
                .blobTable()
                .getFirst();

        assertThat(blob.id().value()).isEqualTo(digest);
        assertThat(blob.compressedSize()).isEqualTo(12345);
        assertThat(blob.tocSize()).isEqualTo(1024);
        assertThat(blob.tocDigest()).hasToString(toc);
        assertThat(blob.has(BlobFeatures.INLINED_FS_META))
                .as("the bootstrap lies in the blob no more")
                .isFalse();
    }

    @Test
    void layersThatDoNotFitAreRefusedByName() throws IOException {
        BuiltImage small = build(BuildOptions.defaults().withChunkSize(1 << 12), lower, "small");
        BuiltImage large = build(BuildOptions.defaults(), upper, "large");

        assertThatExceptionOfType(InvalidRequest.class)
                .isThrownBy(() -> ImageMerger.merge(
                        MergeOptions.of(List.of(small.bootstrap(), large.bootstrap())), work.resolve("merged.boot")))
                .withMessageContaining("large.boot")
                .withMessageContaining("does not fit those before it");
        assertThatExceptionOfType(InvalidRequest.class)
                .isThrownBy(() -> build(BuildOptions.defaults().withParent(small.bootstrap()), upper, "top"))
                .withMessageContaining("does not fit what is to be built");
    }

    private static void requireResult(SortedMap<String, TreeListing.Node> found) {
        assertThat(found.keySet())
                .containsExactly(
                        ".",
                        "added",
                        "added/deep",
                        "added/deep/file",
                        "became-file",
                        "changed",
                        "hidden",
                        "hidden/c",
                        "kept");
        assertThat(Objects.requireNonNull(found.get("changed")).size()).isEqualTo("after".length());
        assertThat(Objects.requireNonNull(found.get("became-file")).size()).isEqualTo("a file now".length());
    }

    private Path other() throws IOException {
        Path other = work.resolve("other");
        write(other, "x", "nothing in common");
        return other;
    }

    private static void write(Path root, String path, String content) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private static void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).inheritIO().start();
        assumeThat(process.waitFor()).as("needs root").isZero();
    }

    private BuiltImage build(BuildOptions options, Path source, String name) throws IOException {
        return ImageBuilder.build(
                options,
                new ImageSource.Directory(source),
                new ImageTarget(blobs, null, work.resolve(name + ".boot"), false),
                BuildProgress.SILENT);
    }
}
