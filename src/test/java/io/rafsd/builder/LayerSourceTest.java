package io.rafsd.builder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rafsd.blob.BlobFeatures;
import io.rafsd.codec.Digest;
import io.rafsd.codec.DigestAlgorithm;
import io.rafsd.error.IntegrityFailure;
import io.rafsd.error.InvalidRequest;
import io.rafsd.testing.ImageListing;
import io.rafsd.testing.RandomTree;
import io.rafsd.testing.TreeCompare;
import io.rafsd.testing.TreeListing;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipParameters;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Images that refer to a tar or tar.gz which nobody has to rewrite. */
class LayerSourceTest {

    private static final long SEED = new Random().nextLong();

    @TempDir
    static Path shared;

    @TempDir
    Path work;

    private static TreeListing expected;
    private static byte[] tar;

    /** How a layer was compressed. */
    enum Compressor {
        NONE,
        FAST,
        USUAL,
        STORED,
        /** Many gzip members one after the other, as bgzip and eStargz write them. */
        MEMBERS
    }

    @BeforeAll
    static void makeATar() throws Exception {
        Path source = Files.createDirectory(shared.resolve("source"));
        RandomTree.create(source, SEED);
        byte[] text = new byte[4_000_000];
        Random random = new Random(SEED);
        for (int i = 0; i < text.length; i++) {
            text[i] = (byte) ('a' + random.nextInt(1 + i / 1_000_000));
        }
        Files.write(source.resolve("text"), text);
        tar = Files.readAllBytes(TreeInATar.pack(shared, source, List.of("--format=pax"), "--no-auto-compress"));
        expected = TreeInATar.expected(source, true);
    }

    @ParameterizedTest
    @EnumSource(Compressor.class)
    void treeInALayerIsReadFromTheLayerAsItIs(Compressor compressor) throws IOException {
        Path layer = layer(compressor);
        for (int chunkSize : new int[] {1 << 14, 1 << 20}) {
            BuiltImage image = build(BuildOptions.defaults().withChunkSize(chunkSize), layer);
            assertThat(image.blobTable()).singleElement().satisfies(blob -> {
                assertThat(blob.id().value()).isEqualTo(layer.getFileName().toString());
                assertThat(blob.compressedSize()).isEqualTo(Files.size(layer));
                assertThat(blob.has(BlobFeatures.SEPARATE)).isTrue();
                assertThat(blob.has(BlobFeatures.ZRAN)).isEqualTo(compressor != Compressor.NONE);
            });
            assertSame(image.bootstrap());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void bootstrapMayLieWithTheChunkTable(boolean toc) throws IOException {
        Path layer = layer(Compressor.USUAL);
        BuildOptions options = BuildOptions.defaults().withInlineBootstrap(true).withToc(toc);
        assertSame(build(options, layer).bootstrap());
        assertSame(build(options.withInlineBootstrap(false), layer).bootstrap());
    }

    @Test
    void aFileEndsWhereAMemberEnds() throws IOException {
        // Every member ends with a block of the tar: so does the content of a file whose size is a multiple of it.
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        for (int at = 0; at < tar.length; at += 512) {
            gzip(tar, at, Math.min(512, tar.length - at), 6, file);
        }
        assertSame(build(BuildOptions.defaults(), named(file.toByteArray())).bootstrap());
    }

    @Test
    void wrongBytesOfTheLayerAreNotRead() throws IOException {
        Path layer = layer(Compressor.USUAL);
        BuiltImage image = build(BuildOptions.defaults(), layer);
        try (RandomAccessFile file = new RandomAccessFile(layer.toFile(), "rw")) {
            // One alone could lie between two files, where nobody reads.
            for (long at = file.length() / 32; at < file.length(); at += file.length() / 16) {
                file.seek(at);
                int found = file.read();
                file.seek(at);
                file.write(found ^ 1);
            }
        }
        assertThatExceptionOfType(Throwable.class)
                .isThrownBy(() -> assertSame(image.bootstrap()))
                .matches(e -> e instanceof IntegrityFailure || e instanceof AssertionError);
        assertThatExceptionOfType(InvalidRequest.class)
                .isThrownBy(() -> build(BuildOptions.defaults(), layer))
                // Whichever is met first: the sum of the compressed stream, or a header that is none.
                .withMessageMatching("(?s).*(archive|tar header).*");
    }

    @Test
    void whatALayerCannotBeIsRefused() throws IOException {
        Path layer = layer(Compressor.FAST);
        for (BuildOptions options : List.of(
                BuildOptions.defaults().withVersion(FsVersion.V5),
                BuildOptions.defaults().withBatchSize(4096),
                BuildOptions.defaults().withEncrypted(true))) {
            assertThatExceptionOfType(InvalidRequest.class)
                    .isThrownBy(() -> build(options, layer))
                    .withMessageContaining("refers to a layer");
        }
    }

    private void assertSame(Path bootstrap) throws IOException {
        assertThat(TreeCompare.differences(expected, TreeInATar.comparable(ImageListing.of(bootstrap, work), true)))
                .as("seed %d", SEED)
                .isEmpty();
    }

    private BuiltImage build(BuildOptions options, Path layer) throws IOException {
        ImageTarget target = new ImageTarget(work, null, work.resolve("image.boot"), false);
        return ImageBuilder.build(options, new ImageSource.Layer(layer), target, BuildProgress.SILENT);
    }

    private Path layer(Compressor compressor) throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        switch (compressor) {
            case NONE -> file.writeBytes(tar);
            case FAST -> gzip(tar, 0, tar.length, 1, file);
            case USUAL -> gzip(tar, 0, tar.length, 6, file);
            case STORED -> gzip(tar, 0, tar.length, 0, file);
            case MEMBERS -> {
                Random random = new Random(SEED);
                List<Integer> cuts = new ArrayList<>(List.of(0, tar.length));
                for (int i = 0; i < 40; i++) {
                    cuts.add(random.nextInt(tar.length));
                }
                cuts.sort(null);
                for (int i = 1; i < cuts.size(); i++) {
                    gzip(tar, cuts.get(i - 1), cuts.get(i) - cuts.get(i - 1), 1 + i % 6, file);
                }
            }
        }
        return named(file.toByteArray());
    }

    /** A file in the blobs' directory under the name that a registry has for it. */
    private Path named(byte[] file) throws IOException {
        Digest digest = DigestAlgorithm.SHA256.digest(MemorySegment.ofArray(file));
        return Files.write(work.resolve(digest.toString()), file);
    }

    private static void gzip(byte[] plain, int from, int length, int level, ByteArrayOutputStream file)
            throws IOException {
        GzipParameters parameters = new GzipParameters();
        parameters.setCompressionLevel(level);
        try (OutputStream gzip = new GzipCompressorOutputStream(file, parameters)) {
            gzip.write(plain, from, length);
        }
    }
}
