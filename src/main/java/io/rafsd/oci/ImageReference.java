package io.rafsd.oci;

import io.rafsd.error.InvalidRequest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Names an image in a registry: {@code host[:port]/repository[:tag][@sha256:digest]}.
 *
 * @param host of the registry, with its port where it has one
 * @param repository path without leading slash
 * @param tag null if the reference has none and a digest instead
 * @param digest {@code sha256:…}, null if the reference has none; wins over the tag
 * @see <a href="https://github.com/opencontainers/distribution-spec/blob/main/spec.md">OCI distribution specification</a>
 */
public record ImageReference(
        String host,
        String repository,
        @Nullable String tag,
        @Nullable String digest) {

    /** A name of 255, host, tag and digest fit. */
    private static final int MAX_LENGTH = 1024;

    private static final Pattern FORM =
            Pattern.compile("(?<host>[A-Za-z0-9.-]+(?::[0-9]{1,5})?|\\[[0-9a-fA-F:]+](?::[0-9]{1,5})?)"
                    + "/(?<repository>[a-z0-9]+(?:[._/-]+[a-z0-9]+)*+)"
                    + "(?::(?<tag>[A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?"
                    + "(?:@(?<digest>sha256:[0-9a-f]{64}))?");

    /**
     * Reads a reference; without tag and digest the tag is {@code latest}.
     *
     * @throws InvalidRequest with the form a reference has
     */
    public static ImageReference parse(String text) throws InvalidRequest {
        Matcher matcher = FORM.matcher(text);
        if (text.length() > MAX_LENGTH || !matcher.matches()) {
            throw new InvalidRequest("'" + text.substring(0, Math.min(MAX_LENGTH, text.length()))
                    + "' is no image reference; write REGISTRY/REPOSITORY[:TAG][@sha256:DIGEST],"
                    + " with the registry's host, for example registry.example.com/team/app:1");
        }
        String tag = matcher.group("tag");
        String digest = matcher.group("digest");
        return new ImageReference(
                matcher.group("host"),
                matcher.group("repository"),
                tag == null && digest == null ? "latest" : tag,
                digest);
    }

    /** What a manifest is asked for by: the digest if there is one, else the tag. */
    public String manifestName() {
        return digest != null ? digest : tag != null ? tag : "latest";
    }

    @Override
    public String toString() {
        return host + "/" + repository + (tag == null ? "" : ":" + tag) + (digest == null ? "" : "@" + digest);
    }
}
