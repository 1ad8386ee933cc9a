package io.rafsd.app.cli.image;

import io.rafsd.control.Version;
import io.rafsd.error.InvalidRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What nydus-image writes to the file of {@code --output-json}: programs read the same keys from ours. */
final class ResultFile {

    private static final JsonMapper MAPPER = new JsonMapper();

    private ResultFile() {}

    /**
     * Writes the result of a command.
     *
     * @param file null to write nothing
     * @param blobs ids, in the order of the blob table
     * @param time that the command took
     */
    static void write(
            @Nullable Path file, Path bootstrap, List<String> blobs, String fsVersion, String compressor, Duration time)
            throws IOException {
        if (file == null) {
            return;
        }
        ObjectNode root = MAPPER.createObjectNode();
        root.put(
                "version", Version.current().version() + "-" + Version.current().commit());
        root.put("bootstrap", bootstrap.toString());
        ArrayNode ids = root.putArray("blobs");
        blobs.forEach(ids::add);
        root.put("external_bootstrap", "");
        root.putArray("external_blobs");
        root.putObject("trace").putObject("consumed_time").put("total_build", time.toNanos() / 1e9);
        root.put("fs_version", fsVersion);
        root.put("compressor", compressor);
        write(file, root, MAPPER.writerWithDefaultPrettyPrinter());
    }

    /** Writes any document. */
    static void write(Path file, Object document, ObjectWriter writer) throws IOException {
        try {
            Files.write(file, writer.writeValueAsBytes(document));
        } catch (IOException e) {
            throw new InvalidRequest("output file " + file + " cannot be written: " + e.getMessage(), e);
        }
    }
}
