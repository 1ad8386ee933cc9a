package io.rafsd.demo.registry;

import java.util.regex.Pattern;

/**
 * What a path below {@code /v2/} is about. A repository's name may have slashes, so paths are read from their end.
 *
 * @see <a href="https://github.com/opencontainers/distribution-spec/blob/main/spec.md#endpoints">Endpoints</a>
 */
sealed interface Route {

    Pattern NAME = Pattern.compile("[a-z0-9]+(?:[._/-]+[a-z0-9]+)*+");
    int MAX_NAME = 255;

    /** Whether the registry speaks this protocol. */
    record Root() implements Route {}

    /** @param name tag or digest */
    record OneManifest(String repository, String name) implements Route {}

    record Blob(String repository, String digest) implements Route {}

    /** @param id empty: a new one */
    record Upload(String repository, String id) implements Route {}

    record Tags(String repository) implements Route {}

    static Route parse(String path) throws Refusal {
        if (path.equals("/v2/") || path.equals("/v2")) {
            return new Root();
        }
        String rest = path.startsWith("/v2/") ? path.substring("/v2/".length()) : "";
        if (rest.endsWith("/tags/list")) {
            return new Tags(repository(rest, "/tags/list"));
        }
        if (rest.contains("/blobs/uploads")) {
            String id = rest.endsWith("/blobs/uploads") ? "" : after(rest, "/blobs/uploads/");
            return new Upload(repository(rest, "/blobs/uploads"), id);
        }
        if (rest.contains("/manifests/")) {
            return new OneManifest(repository(rest, "/manifests/"), after(rest, "/manifests/"));
        }
        if (rest.contains("/blobs/")) {
            return new Blob(repository(rest, "/blobs/"), after(rest, "/blobs/"));
        }
        throw new Refusal(404, "UNSUPPORTED", "no such endpoint");
    }

    private static String repository(String rest, String part) throws Refusal {
        String name = rest.substring(0, rest.lastIndexOf(part));
        if (name.length() > MAX_NAME || !NAME.matcher(name).matches()) {
            throw new Refusal(400, "NAME_INVALID", "the repository has no valid name");
        }
        return name;
    }

    private static String after(String rest, String part) {
        return rest.substring(rest.lastIndexOf(part) + part.length());
    }
}
