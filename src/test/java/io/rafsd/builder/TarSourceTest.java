package io.rafsd.builder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rafsd.error.InvalidRequest;
import io.rafsd.testing.ImageListing;
import io.rafsd.testing.RandomTree;
import io.rafsd.testing.TreeCompare;
import io.rafsd.testing.TreeListing;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Images built from tars show what the tars hold. */
class TarSourceTest {

    private static final long SEED = 7;

    @TempDir
    static Path shared;

    @TempDir
    Path work;

    private static Path source;

    @BeforeAll
    static void makeTree() throws IOException {
        source = Files.createDirectory(shared.resolve("source"));
        RandomTree.create(source, SEED);
        try (RandomAccessFile sparse =
                new RandomAccessFile(source.resolve("sparse").toFile(), "rw")) {
            for (int i = 0; i < 30; i++) {
                sparse.seek(i * 100_000L + 50_000);
                sparse.write(i + 1);
            }
            sparse.setLength(5_000_000);
        }
    }

    static Stream<Arguments> everyDialect() {
        return Stream.of(
                        List.of("--format=gnu"),
                        List.of("--format=gnu", "--sparse"),
                        List.of("--format=pax"),
                        List.of("--format=pax", "--sparse", "--sparse-version=0.0"),
                        List.of("--format=pax", "--sparse", "--sparse-version=0.1"),
                        List.of("--format=pax", "--sparse", "--sparse-version=1.0"))
                .flatMap(dialect -> Stream.of("--no-auto-compress", "--gzip", "--zstd")
                        .map(compression -> Arguments.of(dialect, compression)));
    }

    @ParameterizedTest
    @MethodSource("everyDialect")
    void treeInATarReadsBackTheSameAndManyThreadsGiveTheSameBytesAsOne(List<String> dialect, String compression)
            throws Exception {
        Path tar = TreeInATar.pack(work, source, dialect, compression);
        BuildOptions options = BuildOptions.defaults().withChunkSize(1 << 16);

        BuiltImage one = build(options.withThreads(1), tar, "one");
        BuiltImage many = build(options.withThreads(5), tar, "many");

        boolean pax = dialect.getFirst().equals("--format=pax");
        assertThat(TreeCompare.differences(
                        TreeInATar.expected(source, pax),
                        TreeInATar.comparable(ImageListing.of(many.bootstrap(), work.resolve("many")), pax)))
                .as("seed " + SEED)
                .isEmpty();
        assertThat(many.bootstrap()).hasSameBinaryContentAs(one.bootstrap());
        assertThat(many.blobs().getFirst().file())
                .hasSameBinaryContentAs(one.blobs().getFirst().file());
    }

    @Test
    void fifosAndValuesWithNewlinesAreRead() throws Exception {
        Path tree = Files.createDirectory(work.resolve("tree"));
        TreeInATar.run("mkfifo", tree.resolve("fifo").toString());
        Path file = Files.writeString(tree.resolve("file"), "content");
        TreeInATar.run("setfattr", "-n", "user.lines", "-v", "one\ntwo=2\n", file.toString());

        BuiltImage image = build(
                BuildOptions.defaults(),
                TreeInATar.pack(work, tree, List.of("--format=pax"), "--no-auto-compress"),
                "o");

        TreeListing found = TreeInATar.comparable(ImageListing.of(image.bootstrap(), work.resolve("o")), true);
        assertThat(TreeCompare.differences(TreeInATar.expected(tree, true), found))
                .isEmpty();
        assertThat(Objects.requireNonNull(found.entries().get("file")).xattrs())
                .containsEntry("user.lines", "one\ntwo=2\n");
    }

    @Test
    void laterMemberTakesThePlaceOfAnEarlierOneAndADirectoryKeepsWhatLiesInIt() throws Exception {
        Path first = work.resolve("first");
        Path second = work.resolve("second");
        Files.createDirectories(first.resolve("d"));
        Files.createDirectories(second.resolve("d"));
        Files.writeString(first.resolve("d/kept"), "kept");
        Files.writeString(first.resolve("d/changed"), "before");
        Files.writeString(second.resolve("d/changed"), "after");
        Path joined = work.resolve("joined.tar");
        Files.write(
                joined,
                Files.readAllBytes(TreeInATar.pack(work, first, List.of("--format=gnu"), "--no-auto-compress")));
        Files.write(
                joined,
                Files.readAllBytes(TreeInATar.pack(work, second, List.of("--format=gnu"), "--no-auto-compress")),
                StandardOpenOption.APPEND);

        BuiltImage image = build(BuildOptions.defaults(), joined, "o");

        SortedMap<String, TreeListing.Node> found =
                ImageListing.of(image.bootstrap(), work.resolve("o")).entries();
        assertThat(found.keySet()).containsExactly(".", "d", "d/changed", "d/kept");
        assertThat(Objects.requireNonNull(found.get("d/changed")).size()).isEqualTo("after".length());
    }

    @Test
    void archiveThatEndsEarlyOrHoldsGarbageIsRefused() throws Exception {
        Path tar = TreeInATar.pack(work, source, List.of("--format=gnu"), "--no-auto-compress");
        byte[] bytes = Files.readAllBytes(tar);
        Path cut = Files.write(work.resolve("cut.tar"), Arrays.copyOf(bytes, bytes.length / 2 + 100));
        byte[] garbled = bytes.clone();
        garbled[3] ^= 1;
        Path garbage = Files.write(work.resolve("garbage.tar"), garbled);

        assertThatExceptionOfType(InvalidRequest.class)
                .isThrownBy(() -> build(BuildOptions.defaults(), cut, "a"))
                .withMessageContaining("fetch it whole");
        assertThatExceptionOfType(InvalidRequest.class)
                .isThrownBy(() -> build(BuildOptions.defaults(), garbage, "b"))
                .withMessageContaining("no tar header at 0 of the archive: its checksum is");
        assertThat(work.resolve("a")).isEmptyDirectory();
    }

    @Test
    void linkToWhatIsNotThereIsRefused() throws Exception {
        Path tree = Files.createDirectory(work.resolve("tree"));
        Files.writeString(tree.resolve("a"), "content");
        Files.createLink(tree.resolve("b"), tree.resolve("a"));
        Path tar = TreeInATar.pack(work, tree, List.of("--format=gnu"), "--no-auto-compress");
        TreeInATar.run("tar", "--delete", "-f", tar.toString(), "./a");

        assertThatExceptionOfType(InvalidRequest.class)
                .isThrownBy(() -> build(BuildOptions.defaults(), tar, "o"))
                .withMessageContaining("./b is a hard link to ./a, which is no file earlier in the archive");
    }

    private BuiltImage build(BuildOptions options, Path tar, String output) throws IOException {
        Path directory = Files.createDirectories(work.resolve(output));
        ImageTarget target = new ImageTarget(directory, null, directory.resolve("image.boot"), false);
        return ImageBuilder.build(options, new ImageSource.Tar(tar), target, BuildProgress.SILENT);
    }
}
