package io.rafsd.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.rafsd.builder.BuildOptions;
import io.rafsd.builder.BuildProgress;
import io.rafsd.builder.BuiltImage;
import io.rafsd.builder.FsVersion;
import io.rafsd.builder.ImageBuilder;
import io.rafsd.builder.ImageSource;
import io.rafsd.builder.ImageTarget;
import io.rafsd.linux.RawPath;
import io.rafsd.testing.RandomTree;
import io.rafsd.testing.TreeCompare;
import io.rafsd.testing.TreeListing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * One odd tree, built in every form an image can have, is the same tree through every reader: names, attributes (times to
 * the nanosecond in v5 as in v6), hard links and every byte. One daemon of the distribution mounts all of them side by
 * side; only the root's own time is left out, which no form keeps.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EveryFormatIT {

    private static final String MARKED = "marked";
    private static final int MARKED_SIZE = 200_000;

    /** Built of a source with one byte changed, to show that a reader's wrong byte is seen. */
    private static final ImageForm WRONG = new ImageForm("wrong", BuildOptions.defaults());

    @TempDir
    private static Path work = Path.of("");

    private final long seed = new Random().nextLong();
    private final Map<ImageForm, BuiltImage> images = new LinkedHashMap<>();
    private TreeListing expected = new TreeListing(new TreeMap<>());

    @BeforeAll
    void buildEveryForm() throws IOException {
        Launcher.requireAMachineThatCanMount();
        Path source = Files.createDirectory(work.resolve("source"));
        RandomTree.create(source, seed);
        byte[] marked = new byte[MARKED_SIZE];
        new Random(seed).nextBytes(marked);
        Path file = Files.write(source.resolve(MARKED), marked);
        FileTime time = Files.getLastModifiedTime(file);
        expected = TreeListing.of(RawPath.of(source));
        for (ImageForm form : ImageForm.all()) {
            images.put(form, build(source, form));
        }
        marked[MARKED_SIZE / 2] ^= 1;
        Files.setLastModifiedTime(Files.write(file, marked), time);
        images.put(WRONG, build(source, WRONG));
        System.out.printf("%d forms of the tree of seed %d%n", images.size(), seed);
    }

    private static BuiltImage build(Path source, ImageForm form) throws IOException {
        Path directory = Files.createDirectories(directory(form));
        return ImageBuilder.build(
                form.options(),
                new ImageSource.Directory(source),
                new ImageTarget(directory, null, directory.resolve("image.boot"), false),
                BuildProgress.SILENT);
    }

    private static Path directory(ImageForm form) {
        return work.resolve("images").resolve(form.name());
    }

    @ParameterizedTest
    @ValueSource(strings = {"kernel", "jnr"})
    void treeIsTheSameInEveryForm(String transport) throws Exception {
        Path cache;
        try (MountingDaemon daemon = MountingDaemon.start(transport, work)) {
            cache = daemon.cache();
            compareAll(image -> TreeCompare.differences(
                    expected,
                    TreeListing.of(daemon.mount(
                            image.getKey().name(), image.getValue().bootstrap(), directory(image.getKey())))));
        }
        if (ErofsReader.isThere()) {
            ErofsReader kernel = new ErofsReader(cache, Files.createDirectories(work.resolve("erofs")));
            compareAll(image -> isKnownToTheKernel(image.getKey().options())
                    ? kernel.differences(expected, image.getValue())
                    : List.of());
        }
    }

    @Test
    void kernelErofsShowsTheSameTreeOverBlobsThatAreServed() throws Exception {
        assumeTrue(ErofsReader.isThere(), "this kernel has no EROFS built in");
        try (MountingDaemon daemon = MountingDaemon.startForErofs(work, work.resolve("state"))) {
            compareAll(image -> {
                ImageForm form = image.getKey();
                if (form.options().version() != FsVersion.V6) {
                    return List.of();
                }
                Path target = work.resolve("served").resolve(form.name());
                return TreeCompare.differences(
                        expected,
                        TreeListing.of(
                                daemon.mountErofs(target, image.getValue().bootstrap(), directory(form))));
            });
        }
    }

    /** EROFS is what v6 is by another name, and it wants its bootstrap in a file of its own. */
    private static boolean isKnownToTheKernel(BuildOptions options) {
        return options.version() == FsVersion.V6 && !options.inlineBootstrap();
    }

    @FunctionalInterface
    private interface Reader {
        List<String> differences(Map.Entry<ImageForm, BuiltImage> image) throws IOException;
    }

    /** No form differs, but the one with a wrong byte does, in nothing but that. */
    private void compareAll(Reader reader) throws IOException {
        Map<String, String> differing = new TreeMap<>();
        for (Map.Entry<ImageForm, BuiltImage> image : images.entrySet()) {
            List<String> differences;
            try {
                differences = reader.differences(image);
            } catch (IOException e) {
                differences = List.of(e.toString());
            }
            if (image.getKey().equals(WRONG)) {
                assertThat(differences).singleElement().asString().startsWith(MARKED + ": ");
            } else if (!differences.isEmpty()) {
                differing.put(image.getKey().name(), differences.size() + " of them: " + differences.getFirst());
            }
        }
        assertThat(differing).as("seed %d", seed).isEmpty();
    }
}
