package io.rafsd.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.github.luben.zstd.Zstd;
import io.rafsd.blob.BlobInfo;
import io.rafsd.blob.ByteRange;
import io.rafsd.blob.ChunkTable;
import io.rafsd.codec.DigestAlgorithm;
import io.rafsd.linux.FileStatus;
import io.rafsd.linux.Mounts;
import io.rafsd.linux.RawPath;
import io.rafsd.rafs.metadata.RafsMetadata;
import io.rafsd.storage.backend.BlobReader;
import io.rafsd.storage.backend.BlobStream;
import io.rafsd.storage.backend.ReadContext;
import io.rafsd.storage.blobmeta.BlobMetaLoader;
import io.rafsd.storage.cache.CacheFiles;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The image commands as a user of nydus-image runs them: a process each, by the distribution's launcher. One odd tree goes
 * through all of them, and what comes out is read by the one checker of trees.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ImageCommandsIT {

    private static final JsonMapper JSON = new JsonMapper();
    private static final String MARKED = "marked";
    private static final BlobReader NOTHING_BUT_THE_CACHE = new BlobReader() {
        @Override
        public long size(ReadContext context) {
            throw new AssertionError("the cache has the table");
        }

        @Override
        public BlobStream open(ByteRange range, ReadContext context) {
            throw new AssertionError("the cache has the table");
        }
    };

    @TempDir
    private static Path work = Path.of("");

    private final long seed = new Random().nextLong();
    private Path source = Path.of("");
    private Path blobs = Path.of("");
    private TreeListing expected = new TreeListing(new TreeMap<>());

    @BeforeAll
    void buildTheImage() throws Exception {
        assumeTrue(Files.exists(Launcher.program("nydus-image")), "there is no distribution to run");
        source = Files.createDirectory(work.resolve("source"));
        blobs = Files.createDirectory(work.resolve("blobs"));
        RandomTree.create(source, seed);
        byte[] marked = new byte[300_000];
        new Random(seed).nextBytes(marked);
        Files.write(source.resolve(MARKED), marked);
        expected = TreeListing.of(RawPath.of(source));
        String said = well("create", "-B", at("dir.boot"), "-D", blobs, "-J", at("create.json"), source);
        assertThat(said).as("seed %d", seed).contains("successfully built RAFS filesystem:", "data blob size: 0x");
    }

    @Test
    void createStatesWhatItBuiltAndTheImageIsTheTree() throws Exception {
        JsonNode json = json("create.json");
        assertThat(json.get("bootstrap").asString()).isEqualTo(at("dir.boot").toString());
        assertThat(json.get("fs_version").asString()).isEqualTo("6");
        assertThat(json.get("compressor").asString()).isEqualTo("zstd");
        assertThat(json.get("blobs").size()).isEqualTo(1);
        assertThat(blobs.resolve(json.get("blobs").get(0).asString())).exists();
        assertSame(expected, "dir.boot");
    }

    @Test
    void unpackedTarMakesTheSameImageAgainPlainOrCompressed() throws Exception {
        well("unpack", "-B", at("dir.boot"), "-D", blobs, "--output", at("unpacked.tar"));
        byte[] tar = Files.readAllBytes(at("unpacked.tar"));
        Files.write(at("unpacked.tar.gz"), gzip(tar));
        Files.write(at("unpacked.tar.zst"), Zstd.compress(tar));
        for (String type :
                List.of("tar-rafs unpacked.tar", "targz-rafs unpacked.tar.gz", "tar-rafs unpacked.tar.zst")) {
            String[] words = type.split(" ", 2);
            well("create", "-t", words[0], "-B", at("tar.boot"), "-D", blobs, at(words[1]));
            // A tar has no sockets.
            assertSame(without(expected, 0xC000), "tar.boot");
        }
    }

    @Test
    void checkFindsAWholeImageWellAndNamesTheBlobOfADamagedOne() throws Exception {
        String said = well("check", "-v", "-D", blobs, "-J", at("check.json"), at("dir.boot"));
        String blob = json("check.json").get("blobs").get(0).asString();
        assertThat(said).contains("metadata is valid", "0: " + blob, "features: aligned cap_toc", "data is valid");
        Path damaged = Files.createDirectory(at("damaged"));
        Files.copy(blobs.resolve(blob), damaged.resolve(blob));
        flip(damaged.resolve(blob), 5);

        Launcher.Outcome outcome = image("check", "-v", "-D", damaged, at("dir.boot"));

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.said())
                .contains("Error: ", blob, "is damaged: 1 problem")
                .doesNotContain("\tat ");
    }

    @Test
    void mergedLayersAreTheImageThatAParentGives() throws Exception {
        Path upper = Files.createDirectory(at("upper"));
        Files.createDirectory(upper.resolve("added"));
        Files.writeString(upper.resolve("added/file"), "from above");
        Files.writeString(upper.resolve(".wh." + MARKED), "");
        well("create", "-B", at("upper.boot"), "-D", blobs, "--whiteout-spec", "none", upper);
        well("merge", "-B", at("merged.boot"), "-J", at("merge.json"), at("dir.boot"), at("upper.boot"));
        well("create", "-B", at("child.boot"), "-D", blobs, "--parent-bootstrap", at("dir.boot"), upper);

        assertThat(json("merge.json").get("blobs").size()).isEqualTo(2);
        TreeListing merged = ImageListing.of(at("merged.boot"), blobs);
        assertThat(merged.entries()).containsKey("added/file").doesNotContainKey(MARKED);
        assertThat(merged.entries()).hasSize(expected.entries().size() + 1);
        assertSame(merged, "child.boot");
    }

    @Test
    void chunksOfADictionaryAreNotStoredAgain() throws Exception {
        well(
                "create",
                "-B",
                at("again.boot"),
                "-D",
                blobs,
                "--chunk-dict",
                "bootstrap=" + at("dir.boot"),
                "-J",
                at("again.json"),
                source);

        assertThat(json("again.json").get("blobs"))
                .isEqualTo(json("create.json").get("blobs"));
        assertSame(expected, "again.boot");
    }

    @Test
    void aBlobIsCalledAsTheUserWishes() throws Exception {
        well("create", "--blob-id", "my-blob", "-B", at("named.boot"), "-D", blobs, "-J", at("named.json"), source);

        assertThat(json("named.json").get("blobs").get(0).asString()).isEqualTo("my-blob");
        assertSame(expected, "named.boot");
    }

    @Test
    void imageOverALayerReadsTheLayerAsItIs() throws Exception {
        well("unpack", "-B", at("dir.boot"), "-D", blobs, "--output", at("layer.tar"));
        byte[] layer = gzip(Files.readAllBytes(at("layer.tar")));
        String id = DigestAlgorithm.SHA256.digest(MemorySegment.ofArray(layer)).toString();
        Path file = Files.write(blobs.resolve(id), layer);
        well("create", "-t", "targz-ref", "-B", at("layer.boot"), "-D", blobs, "-J", at("layer.json"), file);

        assertThat(json("layer.json").get("blobs").get(0).asString()).isEqualTo(id);
        assertThat(json("layer.json").get("compressor").asString()).isEqualTo("gzip");
        assertThat(file).hasBinaryContent(layer);
        assertSame(without(expected, 0xC000), "layer.boot");
        assertThat(well("check", "-v", "-D", blobs, at("layer.boot"))).contains("separate zran", "data is valid");
    }

    @Test
    void cacheFilesAreWrittenInPlaceOfTheBlob() throws Exception {
        Path caches = Files.createDirectory(work.resolve("caches"));
        well("create", "-B", at("cached.boot"), "--blob-cache-dir", caches, source);
        well("unpack", "-B", at("dir.boot"), "-D", blobs, "--output", at("cached.tar"));
        well("create", "-t", "targz-ref", "-B", at("cachedlayer.boot"), "--blob-cache-dir", caches, at("cached.tar"));

        try (Stream<Path> files = Files.list(caches)) {
            assertThat(files.map(file -> file.getFileName().toString().replaceAll("^[0-9a-f]{64}", "")))
                    .containsExactlyInAnyOrder(".blob.data", ".blob.data", ".blob.meta", ".blob.meta");
        }
        assertThat(chunksMissing(at("cached.boot"), caches)).isZero();
        assertThat(chunksMissing(at("cachedlayer.boot"), caches)).isZero();
        BlobInfo blob = RafsMetadata.open(at("cached.boot")).blobs().getFirst();
        flip(new CacheFiles(caches, blob.id()).data(), 0);
        assertThat(chunksMissing(at("cached.boot"), caches)).isOne();
    }

    /** Chunks that a cache does not hold, by the digests that the image states. */
    private static int chunksMissing(Path bootstrap, Path caches) throws IOException {
        int missing = 0;
        RafsMetadata metadata = RafsMetadata.open(bootstrap);
        for (BlobInfo blob : metadata.blobs()) {
            CacheFiles files = new CacheFiles(caches, blob.id());
            byte[] data = Files.readAllBytes(files.data());
            ChunkTable table = BlobMetaLoader.load(
                    blob, NOTHING_BUT_THE_CACHE, files.meta(), ReadContext.onDemand(Duration.ofSeconds(20)));
            assertThat(data).hasSize(Math.toIntExact(blob.uncompressedSize()));
            for (int chunk = 0; chunk < table.chunkCount(); chunk++) {
                MemorySegment bytes = MemorySegment.ofArray(data)
                        .asSlice(table.uncompressedOffset(chunk), table.uncompressedSize(chunk));
                if (!blob.digester()
                        .digest(bytes)
                        .equals(metadata.chunkDigests(blob.index()).of(chunk))) {
                    missing++;
                }
            }
        }
        return missing;
    }

    @Test
    void statCountsWhatTheTreeHolds() throws Exception {
        well("stat", "-B", at("dir.boot"), "-J", at("stat.json"));
        JsonNode figures = json("stat.json").get("base_image");
        assertThat(figures.get("dirs").asLong()).isEqualTo(count(FileStatus.DIRECTORY));
        assertThat(figures.get("files").asLong()).isEqualTo(count(FileStatus.REGULAR));
        assertThat(figures.get("symlinks").asLong()).isEqualTo(count(FileStatus.SYMLINK));
        assertThat(well("stat", "-B", at("dir.boot"))).contains("Base Image Statistics:");
    }

    @Test
    void inspectAnswersARequestInJson() throws Exception {
        JsonNode found = JSON.readTree(well("inspect", "-R", "blobs", at("dir.boot")));
        assertThat(found.get(0).get("blob_id"))
                .isEqualTo(json("create.json").get("blobs").get(0));
        assertThat(well("inspect", "-R", "stat /" + MARKED, at("dir.boot"))).contains("300000", "chunk");
    }

    @Test
    void exportedDiskMountedByTheKernelIsTheTree() throws Exception {
        Launcher.requireAMachineThatCanMount();
        assumeTrue(ErofsReader.isThere(), "this kernel has no EROFS built in");
        well("export", "--block", "-B", at("dir.boot"), "-D", blobs, "-O", at("image.disk"));
        assertThat(differencesOfTheDisk()).as("seed %d", seed).isEmpty();
        long data = Files.size(at("dir.boot"));
        flip(at("image.disk"), (data + 0x7FFFF) / 0x80000 * 0x80000);
        assertThat(differencesOfTheDisk()).as("seed %d", seed).isNotEmpty();
    }

    private List<String> differencesOfTheDisk() throws IOException {
        Path mountPoint = Files.createDirectories(at("mnt"));
        Mounts.mount(at("image.disk").toString(), mountPoint, "erofs", Mounts.MS_RDONLY, "");
        try {
            return TreeCompare.differences(expected, TreeListing.of(RawPath.of(mountPoint)));
        } finally {
            Mounts.unmount(mountPoint, 0);
        }
    }

    @Test
    void whatIsNotUnderstoodIsRefusedInASentence() throws Exception {
        assertRefused(2, "Unknown option", "create", "--no-such-option", source);
        assertRefused(2, "--bootstrap", "create", source);
        assertRefused(1, "is no file", "create", "-t", "tar-rafs", "-B", at("no.boot"), "-D", blobs, source);
        assertRefused(1, "does not exist", "create", "-B", at("no.boot"), "-D", at("nowhere"), source);
        assertRefused(1, "no.boot", "check", at("no.boot"));
        assertRefused(1, "nowhere", "unpack", "-B", at("dir.boot"), "-D", at("nowhere"), "--output", at("no.tar"));
        assertRefused(1, "unpack the image", "compact", "-B", at("dir.boot"));
        assertRefused(1, "tar-rafs", "create", "-t", "tar-tarfs", "-B", at("no.boot"), "-D", blobs, at("create.json"));
        assertThat(at("no.tar")).doesNotExist();
        assertThat(at("no.boot")).doesNotExist();
    }

    private static void assertRefused(int status, String why, Object... arguments) throws Exception {
        Launcher.Outcome outcome = image(arguments);
        assertThat(outcome.said()).startsWith("Error: ").contains(why).doesNotContain("\tat ", "Exception");
        assertThat(outcome.status()).isEqualTo(status);
    }

    private void assertSame(TreeListing wanted, String bootstrap) throws IOException {
        assertThat(TreeCompare.differences(wanted, ImageListing.of(at(bootstrap), blobs)))
                .as("seed %d", seed)
                .isEmpty();
    }

    private static TreeListing without(TreeListing tree, int type) {
        SortedMap<String, TreeListing.Node> rest = new TreeMap<>(tree.entries());
        rest.values().removeIf(node -> (node.mode() & FileStatus.TYPE_MASK) == type);
        return new TreeListing(rest);
    }

    private long count(int type) {
        return expected.entries().values().stream()
                .filter(node -> (node.mode() & FileStatus.TYPE_MASK) == type)
                .count();
    }

    private static byte[] gzip(byte[] plain) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(packed)) {
            out.write(plain);
        }
        return packed.toByteArray();
    }

    private static void flip(Path file, long offset) throws IOException {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.seek(offset);
            int found = open.read();
            open.seek(offset);
            open.write(found ^ 1);
        }
    }

    private static Path at(String name) {
        return work.resolve(name);
    }

    private static JsonNode json(String file) throws IOException {
        return JSON.readTree(Files.readAllBytes(at(file)));
    }

    private static String well(Object... arguments) throws Exception {
        Launcher.Outcome outcome = image(arguments);
        assertThat(outcome.status()).as(outcome.said()).isZero();
        return outcome.said();
    }

    private static Launcher.Outcome image(Object... arguments) throws Exception {
        List<String> command =
                new ArrayList<>(List.of(Launcher.program("nydus-image").toString()));
        Stream.of(arguments).map(Object::toString).forEach(command::add);
        return Launcher.run(command);
    }
}
