package io.rafsd.storage.credentials;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Credentials that {@code docker login} left in its configuration file. The file is read at each look-up: it is small, and
 * a secret that is renewed on disk counts at the next request. Credential helpers are not asked.
 *
 * @param file normally {@code ~/.docker/config.json}
 */
public record DockerConfig(Path file) implements CredentialSource {

    private static final Logger log = LoggerFactory.getLogger(DockerConfig.class);
    private static final JsonMapper JSON = new JsonMapper();
    private static final Pattern ADDRESS = Pattern.compile("(?:https?://)?([^/]*+)(?:/.*+)?");
    private static final long MAX_SIZE = 1 << 20;

    /** The file that the environment names, or the one in the home directory. */
    public static DockerConfig ofThisUser() {
        String directory = System.getenv("DOCKER_CONFIG");
        return new DockerConfig(
                directory != null
                        ? Path.of(directory, "config.json")
                        : Path.of(System.getProperty("user.home", "/root"), ".docker", "config.json"));
    }

    @Override
    public @Nullable Credential find(String host) {
        try {
            if (!Files.isRegularFile(file) || Files.size(file) > MAX_SIZE) {
                return null;
            }
            JsonNode entries = JSON.readTree(Files.readAllBytes(file)).path("auths");
            JsonNode exact = entries.path(host);
            if (exact.isObject()) {
                return credential(exact);
            }
            for (Map.Entry<String, JsonNode> entry : entries.properties()) {
                if (host(entry.getKey()).equals(host(host)) && entry.getValue().isObject()) {
                    return credential(entry.getValue());
                }
            }
        } catch (IOException | JacksonException e) {
            // The parser's message may quote the file.
            log.atWarn().addKeyValue("file", file).log("docker's configuration cannot be read; no credentials from it");
        }
        return null;
    }

    /** The host of a key, which older tools wrote as an address: {@code https://host/v1/}. */
    private static String host(String key) {
        String host = ADDRESS.matcher(key.toLowerCase(Locale.ROOT)).replaceFirst("$1");
        return host.equals("docker.io") || host.equals("registry-1.docker.io") ? "index.docker.io" : host;
    }

    private static @Nullable Credential credential(JsonNode entry) {
        String identity = entry.path("identitytoken").asString("");
        if (!identity.isEmpty()) {
            return Credential.ofIdentityToken(identity);
        }
        String auth = entry.path("auth").asString("");
        if (!auth.isEmpty()) {
            return Credential.parse(auth);
        }
        String user = entry.path("username").asString("");
        return user.isEmpty()
                ? null
                : new Credential(user, entry.path("password").asString(""));
    }
}
