package io.rafsd.builder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rafsd.codec.Compression;
import io.rafsd.codec.DigestAlgorithm;
import io.rafsd.error.IntegrityFailure;
import io.rafsd.error.InvalidRequest;
import io.rafsd.linux.Limits;
import io.rafsd.linux.RawPath;
import io.rafsd.testing.ImageListing;
import io.rafsd.testing.RandomTree;
import io.rafsd.testing.TreeCompare;
import io.rafsd.testing.TreeListing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Images of every form show the tree that they were built from. */
class EveryFormatTest {

    private static final long SEED = 20_261_125;

    @TempDir
    static Path shared;

    @TempDir
    Path work;

    private static Path tree;
    private static TreeListing listing;

    @BeforeAll
    static void makeTree() throws IOException {
        tree = Files.createDirectory(shared.resolve("tree"));
        RandomTree.create(tree, SEED);
        Path small = Files.createDirectory(tree.resolve("small"));
        Random random = new Random(SEED);
        for (int i = 0; i < 300; i++) {
            byte[] content = new byte[random.nextInt(3000)];
            random.nextBytes(content);
            Files.write(small.resolve("f" + i), content);
        }
        listing = TreeListing.of(RawPath.of(tree));
    }

    static Stream<Arguments> forms() {
        BuildOptions v6 = BuildOptions.defaults().withChunkSize(1 << 16);
        BuildOptions v5 = v6.withVersion(FsVersion.V5);
        return Stream.of(
                        Arguments.of("v6 with a table of contents", v6.withToc(true)),
                        Arguments.of("v6 inlined", v6.withInlineBootstrap(true)),
                        Arguments.of(
                                "v6 inlined with a table of contents",
                                v6.withInlineBootstrap(true).withToc(true)),
                        Arguments.of("v6 in batches", v6.withBatchSize(1 << 14)),
                        Arguments.of(
                                "v6 in batches of a chunk, sha256, table of contents",
                                v6.withBatchSize(1 << 16)
                                        .withDigester(DigestAlgorithm.SHA256)
                                        .withToc(true)),
                        Arguments.of(
                                "v6 in batches, not compressed",
                                v6.withBatchSize(1 << 13).withCompression(Compression.NONE)),
                        Arguments.of(
                                "v6 in batches, lz4, inlined",
                                v6.withBatchSize(1 << 13)
                                        .withCompression(Compression.LZ4_BLOCK)
                                        .withInlineBootstrap(true)),
                        Arguments.of("v6 without owners", v6.withOwners(false)),
                        Arguments.of("v5", v5),
                        Arguments.of("v5 aligned", v5.withAlignedChunks(true)),
                        Arguments.of(
                                "v5 lz4 sha256",
                                v5.withCompression(Compression.LZ4_BLOCK).withDigester(DigestAlgorithm.SHA256)),
                        Arguments.of("v5 not compressed", v5.withCompression(Compression.NONE)),
                        Arguments.of("v5 inlined", v5.withInlineBootstrap(true)))
                .map(form -> form);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("forms")
    void treeReadsBackTheSameAndManyThreadsGiveTheSameBytesAsOne(String name, BuildOptions options) throws IOException {
        BuiltImage one = build(options.withThreads(1), "one");
        BuiltImage many = build(options.withThreads(6), "many");

        assertThat(TreeCompare.differences(
                        owned(listing, options), ImageListing.of(many.bootstrap(), work.resolve("many"))))
                .as("seed " + SEED)
                .isEmpty();
        assertThat(many.bootstrap()).hasSameBinaryContentAs(one.bootstrap());
        assertThat(many.blobs().getFirst().file())
                .hasSameBinaryContentAs(one.blobs().getFirst().file());
    }

    @ParameterizedTest
    @MethodSource("encrypted")
    void encryptedTreeReadsBackTheSameAndItsBlobHoldsNothingLegible(BuildOptions options) throws IOException {
        BuiltImage image = build(options.withEncrypted(true).withCompression(Compression.NONE), "o");

        assertThat(TreeCompare.differences(listing, ImageListing.of(image.bootstrap(), work.resolve("o"))))
                .isEmpty();
        Path plain = build(options.withCompression(Compression.NONE), "plain")
                .blobs()
                .getFirst()
                .file();
        byte[] secret = Arrays.copyOfRange(Files.readAllBytes(plain), 0, 64);
        assertThat(Collections.indexOfSubList(
                        bytes(Files.readAllBytes(image.blobs().getFirst().file())), bytes(secret)))
                .isEqualTo(-1);
    }

    static Stream<BuildOptions> encrypted() {
        BuildOptions plain = BuildOptions.defaults().withChunkSize(1 << 16);
        return Stream.of(plain, plain.withBatchSize(1 << 14));
    }

    @Test
    void wrongByteInABatchIsFound() throws IOException {
        BuiltImage image = build(BuildOptions.defaults().withBatchSize(1 << 16).withCompression(Compression.NONE), "o");
        Path blob = image.blobs().getFirst().file();
        byte[] bytes = Files.readAllBytes(blob);
        bytes[100] ^= 1;
        Files.write(blob, bytes);

        assertThatExceptionOfType(Throwable.class)
                .isThrownBy(() -> ImageListing.of(image.bootstrap(), work.resolve("o")))
                .matches(e -> e instanceof AssertionError || e instanceof IntegrityFailure);
    }

    @Test
    void batchLargerThanAChunkIsRefused() {
        assertThatExceptionOfType(InvalidRequest.class)
                .isThrownBy(() ->
                        build(BuildOptions.defaults().withChunkSize(1 << 12).withBatchSize(1 << 13), "o"))
                .withMessageContaining("batch size 8192 is larger than the chunk size 4096");
    }

    private static List<Byte> bytes(byte[] array) {
        List<Byte> list = new ArrayList<>(array.length);
        for (byte b : array) {
            list.add(b);
        }
        return list;
    }

    private static TreeListing owned(TreeListing listing, BuildOptions options) {
        if (options.owners()) {
            return listing;
        }
        SortedMap<String, TreeListing.Node> nodes = new TreeMap<>();
        listing.entries()
                .forEach((path, n) -> nodes.put(
                        path,
                        new TreeListing.Node(
                                n.mode(),
                                Limits.effectiveUser(),
                                Limits.effectiveGroup(),
                                n.deviceNumber(),
                                n.names(),
                                n.file(),
                                n.size(),
                                n.modifiedSeconds(),
                                n.modifiedNanos(),
                                n.target(),
                                n.xattrs(),
                                n.sha256())));
        return new TreeListing(nodes);
    }

    private BuiltImage build(BuildOptions options, String output) throws IOException {
        Path directory = Files.createDirectories(work.resolve(output));
        return ImageBuilder.build(
                options,
                new ImageSource.Directory(tree),
                new ImageTarget(directory, null, directory.resolve("image.boot"), false),
                BuildProgress.SILENT);
    }
}
