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
    void independentReaderSeesTheTree() throws Exception {
        assumeThat(ORACLE.resolve("goldencheck.py"))
                .as("the independent reader beside the checkout")
                .exists();
        Path source = Files.createDirectory(work.resolve("source"));
        RandomTree.create(source, SEED);
        Path images = Files.createDirectory(work.resolve("images"));
        Files.write(images.resolve("tree.jsonl"), lines(TreeListing.of(RawPath.of(source))));
        for (Compression compression : List.of(Compression.NONE, Compression.LZ4_BLOCK, Compression.ZSTD)) {
            for (int chunkSize : List.of(1 << 12, 1 << 20)) {
                BuildOptions options = BuildOptions.defaults()
                        .withCompression(compression)
                        .withDigester(chunkSize > 1 << 12 ? DigestAlgorithm.BLAKE3 : DigestAlgorithm.SHA256)
                        .withChunkSize(chunkSize);
                Path image = images.resolve(compression + "-" + chunkSize);
                Path blobs = Files.createDirectories(image.resolve("blobs"));
                BuiltImage built = ImageBuilder.build(options, source, image, BuildProgress.SILENT);
                Path blob = built.blobs().getFirst().file();
                Files.move(blob, blobs.resolve(blob.getFileName()));
            }
        }

        Process oracle = new ProcessBuilder(
                        "python3", ORACLE.resolve("goldencheck.py").toString(), images.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(oracle.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(oracle.waitFor()).as("seed %d: %s", SEED, said).isZero();
        assertThat(said.lines()).hasSize(6).allMatch(line -> line.endsWith("content ok"));
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
