package io.rafsd.builder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.rafsd.codec.Compression;
import io.rafsd.codec.DigestAlgorithm;
import io.rafsd.linux.FileStatus;
import io.rafsd.linux.RawPath;
import io.rafsd.testing.RandomTree;
import io.rafsd.testing.TreeListing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** The independent reader of the format, if it is there, sees in our images what is in the tree. */
class OracleTest {

    private static final long SEED = 42;
    private static final Path ORACLE = Path.of(System.getProperty("rafsd.shared", "../shared"), "oracle")
            .toAbsolutePath()
            .normalize();

    @TempDir
    Path work;

    @Test
    void independentReaderSeesTheTreeInEveryForm() throws Exception {
        Path images = images();
        Map<String, BuildOptions> forms = forms();
        forms.forEach((name, options) -> build(images.resolve(name), options));

        Outcome found = read(images);

        assertThat(found.status()).as("seed %d: %s", SEED, found.said()).isZero();
        assertThat(found.said().lines()).hasSize(forms.size()).allMatch(line -> line.endsWith("content ok"));
    }

    @Test
    void independentReaderSeesAWrongByte() throws Exception {
        Path images = images();
        Path image = images.resolve("wrong");
        build(image, BuildOptions.defaults().withCompression(Compression.NONE));
        try (var blobs = Files.list(image.resolve("blobs"))) {
            Path blob = blobs.toList().getFirst();
            byte[] bytes = Files.readAllBytes(blob);
            bytes[1000] ^= 1;
            Files.write(blob, bytes);
        }

        Outcome found = read(images);

        assertThat(found.status()).isEqualTo(1);
        assertThat(found.said()).contains("DIFFERS");
    }

    /** Encryption is not among them, of which the reader sees the metadata only. */
    private static Map<String, BuildOptions> forms() {
        Map<String, BuildOptions> forms = new TreeMap<>();
        for (Compression compression : List.of(Compression.NONE, Compression.LZ4_BLOCK, Compression.ZSTD)) {
            BuildOptions large = BuildOptions.defaults().withCompression(compression);
            BuildOptions small = large.withChunkSize(1 << 12).withDigester(DigestAlgorithm.SHA256);
            forms.put("v6-" + compression + "-large", large);
            forms.put("v6-" + compression + "-small", small);
            forms.put("v6-" + compression + "-batch", large.withBatchSize(1 << 16));
            forms.put("v5-" + compression, large.withVersion(FsVersion.V5));
            forms.put(
                    "v5-" + compression + "-aligned",
                    small.withVersion(FsVersion.V5).withAlignedChunks(true));
        }
        forms.put("v6-toc", BuildOptions.defaults().withToc(true));
        forms.put("v6-inlined-toc", BuildOptions.defaults().withToc(true).withInlineBootstrap(true));
        return forms;
    }

    private Path images() throws IOException {
        assumeThat(ORACLE.resolve("goldencheck.py"))
                .as("the independent reader beside the checkout")
                .exists();
        Path source = Files.createDirectory(work.resolve("source"));
        RandomTree.create(source, SEED);
        Path images = Files.createDirectory(work.resolve("images"));
        Files.write(images.resolve("tree.jsonl"), lines(TreeListing.of(RawPath.of(source))));
        return images;
    }

    /** As the independent reader wants it: blobs in a folder of their own, no bootstrap beside them that is in a blob. */
    private void build(Path image, BuildOptions options) {
        try {
            Path blobs = Files.createDirectories(image.resolve("blobs"));
            Path bootstrap = image.resolve("image.boot");
            ImageBuilder.build(
                    options,
                    new ImageSource.Directory(work.resolve("source")),
                    new ImageTarget(blobs, null, bootstrap, false),
                    BuildProgress.SILENT);
            if (options.inlineBootstrap()) {
                Files.deleteIfExists(bootstrap);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private record Outcome(int status, String said) {}

    private static Outcome read(Path images) throws IOException, InterruptedException {
        Process oracle = new ProcessBuilder(
                        "python3", ORACLE.resolve("goldencheck.py").toString(), images.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(oracle.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Outcome(oracle.waitFor(), said);
    }

    private static List<String> lines(TreeListing listing) throws IOException {
        JsonMapper mapper = new JsonMapper();
        List<String> lines = new ArrayList<>();
        for (Map.Entry<String, TreeListing.Node> entry : listing.entries().entrySet()) {
            TreeListing.Node node = entry.getValue();
            Map<String, Object> line = new TreeMap<>();
            line.put("path", escaped(entry.getKey()));
            line.put("mode", "0o" + Integer.toOctalString(node.mode()));
            line.put("uid", node.uid());
            line.put("gid", node.gid());
            line.put("mtime", node.modifiedSeconds());
            line.put("target", escaped(node.target()));
            line.put("size", node.size());
            line.put("sha256", node.sha256());
            Map<String, String> xattrs = new TreeMap<>();
            node.xattrs().forEach((name, value) -> xattrs.put(escaped(name), escaped(value)));
            line.put("xattrs", xattrs);
            boolean regular = (node.mode() & FileStatus.TYPE_MASK) == FileStatus.REGULAR;
            Map<String, Object> withNames = new TreeMap<>(line);
            if (regular) {
                withNames.put("nlink", node.names());
            }
            String json = mapper.writeValueAsString(withNames);
            lines.add(regular ? json : json.substring(0, json.length() - 1) + ",\"nlink\":null}");
        }
        return lines;
    }

    /** As the reader prints names: bytes outside of printable ASCII, and the backslash, in hexadecimal. */
    private static String escaped(String latin) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < latin.length(); i++) {
            char c = latin.charAt(i);
            text.append(c >= ' ' && c < 0x7F && c != '\\' ? String.valueOf(c) : String.format("\\x%02x", (int) c));
        }
        return text.toString();
    }
}
