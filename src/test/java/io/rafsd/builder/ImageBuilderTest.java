package io.rafsd.builder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rafsd.codec.Compression;
import io.rafsd.codec.DigestAlgorithm;
import io.rafsd.error.InvalidRequest;
import io.rafsd.linux.RawPath;
import io.rafsd.rafs.metadata.RafsMetadata;
import io.rafsd.testing.ImageListing;
import io.rafsd.testing.RandomTree;
import io.rafsd.testing.TreeCompare;
import io.rafsd.testing.TreeListing;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ImageBuilderTest {

    private static final long SEED = 20_261_124;

    @TempDir
    static Path shared;

    @TempDir
    Path work;

    private static Path oddTree;
    private static TreeListing oddListing;

    @BeforeAll
    static void makeOddTree() throws IOException {
        oddTree = Files.createDirectory(shared.resolve("odd"));
        RandomTree.create(oddTree, SEED);
        oddListing = TreeListing.of(RawPath.of(oddTree));
    }

    static Stream<BuildOptions> everyCombination() {
        BuildOptions defaults = BuildOptions.defaults().withThreads(1);
        return Stream.of(Compression.NONE, Compression.LZ4_BLOCK, Compression.ZSTD)
                .map(defaults::withCompression)
                .flatMap(o -> Arrays.stream(DigestAlgorithm.values()).map(o::withDigester))
                .flatMap(o -> Stream.of(1 << 12, 1 << 16, 1 << 20).map(o::withChunkSize));
    }

    @ParameterizedTest
    @MethodSource("everyCombination")
    void oddTreeReadsBackTheSameAndManyThreadsGiveTheSameBytesAsOne(BuildOptions options) throws IOException {
        BuiltImage one = ImageBuilder.build(options, oddTree, work.resolve("one"), BuildProgress.SILENT);
        BuiltImage many =
                ImageBuilder.build(options.withThreads(7), oddTree, work.resolve("many"), BuildProgress.SILENT);

        assertThat(TreeCompare.differences(oddListing, ImageListing.of(many.bootstrap(), work.resolve("many"))))
                .as("seed " + SEED)
                .isEmpty();
        assertThat(many.bootstrap()).hasSameBinaryContentAs(one.bootstrap());
        BuiltImage.Blob blob = one.blobs().getFirst();
        assertThat(many.blobs().getFirst().file()).hasSameBinaryContentAs(blob.file());
        assertThat(many.blobs().getFirst().chunkTable()).hasSameBinaryContentAs(blob.chunkTable());
    }

    @Test
    void blobIsNamedByItsDigestAndNothingElseIsLeft() throws Exception {
        BuiltImage image = ImageBuilder.build(BuildOptions.defaults(), oddTree, work, BuildProgress.SILENT);

        BuiltImage.Blob blob = image.blobs().getFirst();
        byte[] bytes = Files.readAllBytes(blob.file());
        assertThat(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)))
                .isEqualTo(blob.id().value())
                .isEqualTo(blob.file().getFileName().toString());
        assertThat(blob.size()).isEqualTo(bytes.length);
        try (Stream<Path> files = Files.list(work)) {
            assertThat(files).containsExactlyInAnyOrder(image.bootstrap(), blob.file(), blob.chunkTable());
        }
    }

    @Test
    void namedPipeInPlaceOfTheBlobGetsItsBytes() throws Exception {
        Path pipe = work.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        CompletableFuture<byte[]> read = CompletableFuture.supplyAsync(() -> readAll(pipe));
        ImageTarget target = new ImageTarget(work, pipe, work.resolve("bootstrap"), false);

        BuiltImage image = ImageBuilder.build(
                BuildOptions.defaults(), new ImageSource.Directory(oddTree), target, BuildProgress.SILENT);

        byte[] digest = MessageDigest.getInstance("SHA-256").digest(read.get(20, TimeUnit.SECONDS));
        assertThat(HexFormat.of().formatHex(digest))
                .isEqualTo(image.blobs().getFirst().id().value());
        assertThat(work).isDirectoryNotContaining("glob:**.part");
    }

    private static byte[] readAll(Path pipe) {
        try (InputStream in = Files.newInputStream(pipe)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void treeWithoutBytesHasNoBlob() throws IOException {
        Path source = Files.createDirectories(work.resolve("source/empty"));
        Files.createFile(source.resolve("file"));

        BuiltImage image = build(BuildOptions.defaults());

        assertThat(image.blobs()).isEmpty();
        assertThat(TreeCompare.differences(listing(), ImageListing.of(image.bootstrap(), work)))
                .isEmpty();
    }

    @Test
    void equalChunksAreStoredOnce() throws IOException {
        Path source = Files.createDirectory(work.resolve("source"));
        byte[] content = new byte[3 << 20];
        Files.write(source.resolve("zeros"), content);
        Files.write(source.resolve("more-zeros"), content);

        BuiltImage image = build(BuildOptions.defaults().withCompression(Compression.NONE));

        assertThat(image.statistics().chunks()).isEqualTo(1);
        assertThat(image.statistics().repeatedChunks()).isEqualTo(5);
        assertThat(image.statistics().storedBytes()).isEqualTo(1 << 20);
    }

    @Test
    void directoryOfManyNamesIsFoundNameByName() throws IOException {
        Path source = Files.createDirectory(work.resolve("source"));
        for (int i = 0; i < 20_000; i++) {
            Files.createFile(source.resolve("name-" + i));
        }

        assertThat(TreeCompare.differences(
                        listing(),
                        ImageListing.of(build(BuildOptions.defaults()).bootstrap(), work)))
                .isEmpty();
    }

    @Test
    void filesToPrefetchLieFirstAndAreListed() throws IOException {
        Path source = Files.createDirectory(work.resolve("source"));
        Files.createDirectory(source.resolve("etc"));
        Files.writeString(source.resolve("a"), "first by name");
        Files.writeString(source.resolve("etc/hosts"), "wanted first");
        Files.writeString(source.resolve("z"), "wanted second");

        BuiltImage image = build(BuildOptions.defaults()
                .withCompression(Compression.NONE)
                .withPrefetch(List.of("/etc", "/etc/hosts", "/missing", "/z")));

        assertThat(Files.readString(image.blobs().getFirst().file(), StandardCharsets.ISO_8859_1))
                .startsWith("wanted firstwanted secondfirst by name");
        assertThat(RafsMetadata.open(image.bootstrap()).prefetchInodes()).hasSize(2);
        assertThat(TreeCompare.differences(listing(), ImageListing.of(image.bootstrap(), work)))
                .isEmpty();
    }

    @Test
    void progressEndsWithAllFilesAndBytes() throws IOException {
        List<String> heard = new ArrayList<>();

        BuiltImage image = ImageBuilder.build(
                BuildOptions.defaults(),
                oddTree,
                work,
                (files, bytes, allFiles, allBytes) ->
                        heard.add(files + " of " + allFiles + ", " + bytes + " of " + allBytes));

        long files = image.statistics().files();
        long bytes = image.statistics().fileBytes();
        assertThat(heard.getLast()).isEqualTo(files + " of " + files + ", " + bytes + " of " + bytes);
    }

    @Test
    void fileThatChangesMeanwhileFailsTheBuildByName() throws IOException {
        Path source = Files.createDirectory(work.resolve("source"));
        Files.write(source.resolve("a"), new byte[10]);
        Path changing = Files.write(source.resolve("b"), new byte[10]);

        assertThatExceptionOfType(InvalidRequest.class)
                .isThrownBy(() -> ImageBuilder.build(
                        BuildOptions.defaults(),
                        source,
                        work.resolve("out"),
                        changesOnce(() -> Files.write(changing, new byte[11]))))
                .withMessageContaining(changing + " changed while the image was built");
    }

    @Test
    void fileThatVanishesMeanwhileFailsTheBuildByNameAndLeavesNothing() throws IOException {
        Path source = Files.createDirectory(work.resolve("source"));
        Path vanishing = Files.write(source.resolve("b"), new byte[10]);

        assertThatExceptionOfType(InvalidRequest.class)
                .isThrownBy(() -> ImageBuilder.build(
                        BuildOptions.defaults(),
                        source,
                        work.resolve("out"),
                        changesOnce(() -> Files.deleteIfExists(vanishing))))
                .withMessageContaining(vanishing + " vanished while the image was built");
        assertThat(work.resolve("out")).isEmptyDirectory();
    }

    @Test
    void sourceThatIsNoDirectoryIsRefused() throws IOException {
        Path file = Files.createFile(work.resolve("file"));

        assertThatExceptionOfType(InvalidRequest.class)
                .isThrownBy(() ->
                        ImageBuilder.build(BuildOptions.defaults(), file, work.resolve("out"), BuildProgress.SILENT))
                .withMessageContaining(file + " is no directory");
        assertThatExceptionOfType(InvalidRequest.class)
                .isThrownBy(() -> ImageBuilder.build(
                        BuildOptions.defaults(), work.resolve("none"), work.resolve("out"), BuildProgress.SILENT))
                .withMessageContaining("none does not exist");
    }

    @Test
    void outputInsideTheSourceIsRefused() {
        assertThatExceptionOfType(InvalidRequest.class)
                .isThrownBy(() ->
                        ImageBuilder.build(BuildOptions.defaults(), work, work.resolve("out"), BuildProgress.SILENT))
                .withMessageContaining("choose a directory outside");
    }

    private BuiltImage build(BuildOptions options) throws IOException {
        return ImageBuilder.build(options, work.resolve("source"), work, BuildProgress.SILENT);
    }

    private TreeListing listing() throws IOException {
        return TreeListing.of(RawPath.of(work.resolve("source")));
    }

    @FunctionalInterface
    private interface Change {
        void run() throws IOException;
    }

    /** The first report comes after the scan and before any file is read. */
    private static BuildProgress changesOnce(Change change) {
        return (files, bytes, allFiles, allBytes) -> {
            if (bytes == 0) {
                try {
                    change.run();
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            }
        };
    }
}
