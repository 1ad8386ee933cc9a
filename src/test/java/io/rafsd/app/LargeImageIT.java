package io.rafsd.app;

import static io.rafsd.app.Launcher.rafsd;
import static org.assertj.core.api.Assertions.assertThat;

import io.rafsd.builder.BuildOptions;
import io.rafsd.builder.BuiltImage;
import io.rafsd.codec.Compression;
import io.rafsd.codec.DigestAlgorithm;
import io.rafsd.demo.registry.EmbeddedRegistry;
import io.rafsd.testing.Child;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One image with what is large or long in it, mounted through each transport. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LargeImageIT {

    private static final int ENTRIES = 100_000;
    private static final long HUGE = (4L << 30) + 5000;
    private static final String LONG_NAME = "ü".repeat(127) + "x";

    @TempDir
    private static Path work = Path.of("");

    private Path source = Path.of("");
    private Path mountPoint = Path.of("");
    private byte[] mapped = {};
    private @Nullable BuiltImage built;
    private @Nullable EmbeddedRegistry registry;

    @BeforeAll
    void build() throws IOException {
        Launcher.requireAMachineThatCanMount();
        source = Files.createDirectories(work.resolve("source"));
        mountPoint = Files.createDirectories(work.resolve("mnt"));
        Path many = Files.createDirectory(source.resolve("many"));
        for (int i = 0; i < ENTRIES; i++) {
            Files.createFile(many.resolve(entry(i)));
        }
        try (RandomAccessFile file = new RandomAccessFile(source.resolve("huge").toFile(), "rw")) {
            file.setLength(HUGE);
            file.seek(HUGE - 1);
            file.write(7);
            file.seek((4L << 30) - 3);
            file.write(new byte[] {1, 2, 3, 4, 5, 6});
        }
        Files.writeString(source.resolve(LONG_NAME), "content");
        Files.copy(Path.of("/bin/true").toRealPath(), source.resolve("program"));
        mapped = new byte[3 << 20];
        new Random(1).nextBytes(mapped);
        Files.write(source.resolve("mapped"), mapped);
        PublishedTree tree = PublishedTree.of(
                source,
                work,
                BuildOptions.defaults()
                        .withChunkSize(1 << 24)
                        .withCompression(Compression.LZ4_BLOCK)
                        .withDigester(DigestAlgorithm.SHA256));
        built = tree.built();
        registry = tree.serve(0);
    }

    @AfterAll
    void close() {
        if (registry != null) {
            registry.close();
        }
    }

    private static String entry(int i) {
        return "entry-%06d".formatted(i);
    }

    @ParameterizedTest
    @ValueSource(strings = {"kernel", "jnr"})
    void whatIsLargeIsThereWhole(String transport) throws Exception {
        if (built == null || registry == null) {
            throw new AssertionError("the image was not built");
        }
        // Holes are one chunk, and so are equal ones: all of the huge file but its marks is stored once.
        assertThat(built.statistics().storedBytes()).isLessThan(32 << 20);
        String image = registry.host() + "/" + PublishedTree.REPOSITORY;
        assertThat(rafsd("mount", "--transport", transport, image, mountPoint.toString())
                        .said())
                .contains("is mounted at");
        try {
            allEntriesAreListedOnce();
            hugeFileHasItsSizeItsMarksAndItsEnd();
            assertThat(Files.readString(mountPoint.resolve(LONG_NAME))).isEqualTo("content");
            assertThat(Child.run(mountPoint.resolve("program").toString()).status())
                    .isZero();
            mappingShowsTheFile();
        } finally {
            rafsd("umount", mountPoint.toString());
        }
    }

    private void allEntriesAreListedOnce() throws Exception {
        List<String> listed = Child.run("ls", "-f", mountPoint.resolve("many").toString())
                .text()
                .lines()
                .toList();
        Set<String> wanted = new HashSet<>(
                IntStream.range(0, ENTRIES).mapToObj(LargeImageIT::entry).toList());
        wanted.addAll(List.of(".", ".."));
        assertThat(listed).hasSize(ENTRIES + 2);
        assertThat(new HashSet<>(listed)).isEqualTo(wanted);
        assertThat(Files.size(mountPoint.resolve("many").resolve(entry(ENTRIES - 1))))
                .isZero();
    }

    private void hugeFileHasItsSizeItsMarksAndItsEnd() throws IOException {
        try (RandomAccessFile expected =
                        new RandomAccessFile(source.resolve("huge").toFile(), "r");
                RandomAccessFile found =
                        new RandomAccessFile(mountPoint.resolve("huge").toFile(), "r")) {
            assertThat(found.length()).isEqualTo(HUGE);
            for (long offset : new long[] {0, (2L << 30) - 500, (4L << 30) - 500, HUGE - 1000}) {
                assertThat(thousand(found, offset)).isEqualTo(thousand(expected, offset));
            }
        }
    }

    private static byte[] thousand(RandomAccessFile file, long offset) throws IOException {
        byte[] bytes = new byte[1000];
        file.seek(offset);
        file.readFully(bytes);
        return bytes;
    }

    private void mappingShowsTheFile() throws Exception {
        String script = "import mmap,sys; f=open(sys.argv[1],'rb'); m=mmap.mmap(f.fileno(),0,prot=mmap.PROT_READ);"
                + "sys.stdout.buffer.write(m[1000000:1000100]+m[-5:])";
        byte[] wanted = Arrays.copyOf(Arrays.copyOfRange(mapped, 1_000_000, 1_000_100), 105);
        System.arraycopy(mapped, mapped.length - 5, wanted, 100, 5);
        assertThat(Child.python(script, mountPoint.resolve("mapped").toString()).bytes())
                .isEqualTo(wanted);
        assertThat(StandardCharsets.UTF_8.encode(LONG_NAME).remaining()).isEqualTo(255);
    }
}
