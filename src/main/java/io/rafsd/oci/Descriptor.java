package io.rafsd.oci;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Points to content by its digest.
 *
 * @param mediaType what it is
 * @param digest {@code sha256:} and 64 hexadecimal digits
 * @param size bytes
 * @param annotations may be empty
 * @param platform of a manifest in an index, else null
 * @param artifactType of a manifest in an index, empty if it states none
 * @see <a href="https://github.com/opencontainers/image-spec/blob/main/descriptor.md">OCI content descriptors</a>
 */
public record Descriptor(
        String mediaType,
        String digest,
        long size,
        Map<String, String> annotations,
        @Nullable Platform platform,
        String artifactType) {

    /** A descriptor of content that is no manifest. */
    public static Descriptor of(String mediaType, String digest, long size, Map<String, String> annotations) {
        return new Descriptor(mediaType, digest, size, Map.copyOf(annotations), null, "");
    }

    /** The digest without its algorithm. */
    public String hex() {
        return digest.substring(digest.indexOf(':') + 1);
    }

    /** The value of an annotation, empty if it is not there. */
    public String annotation(String key) {
        return annotations.getOrDefault(key, "");
    }
}
