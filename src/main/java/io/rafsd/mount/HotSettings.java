package io.rafsd.mount;

import io.rafsd.error.InvalidRequest;
import io.rafsd.storage.credentials.Credential;
import io.rafsd.storage.credentials.CredentialSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Settings that may change while a mount serves, by the path of the mount: what was set before the mount came counts, and
 * goes with it. A new {@code registry_auth} is used from the next request on. Safe for many threads.
 */
public final class HotSettings {

    public static final String REGISTRY_AUTH = "registry_auth";
    private static final List<String> KEYS = List.of(REGISTRY_AUTH, "proxy_url", "dragonfly_scheduler_endpoint");

    /** What configurations say, which counts where nothing was set. */
    private final Map<String, Map<String, String>> configured = new ConcurrentHashMap<>();

    private final Map<String, Map<String, String>> values = new ConcurrentHashMap<>();

    /** What holds for a mount; empty for nothing. */
    public Map<String, String> of(String path) {
        Map<String, String> found = new TreeMap<>(configured.getOrDefault(path, Map.of()));
        found.putAll(values.getOrDefault(path, Map.of()));
        return found;
    }

    /** What holds, by the path of the mount. */
    public Map<String, Map<String, String>> all() {
        Set<String> paths = new TreeSet<>(configured.keySet());
        paths.addAll(values.keySet());
        Map<String, Map<String, String>> found = new LinkedHashMap<>();
        paths.forEach(path -> found.put(path, of(path)));
        return found;
    }

    /** @throws InvalidRequest if there is no such setting */
    public void set(String path, String key, String value) throws InvalidRequest {
        if (!KEYS.contains(key)) {
            throw new InvalidRequest("setting '" + key + "' is none of " + String.join(", ", KEYS));
        }
        values.computeIfAbsent(path, _ -> new ConcurrentHashMap<>()).put(key, value);
    }

    /** What the configuration of a mount says. */
    void configure(String path, Map<String, String> settings) {
        configured.put(path, settings);
    }

    void forget(String path) {
        configured.remove(path);
        values.remove(path);
    }

    /** Gives the credential that is set for a mount, and where none is, what {@code others} know. */
    CredentialSource credentials(String path, CredentialSource others) {
        return host -> {
            Credential set = credential(path);
            return set == null ? others.find(host) : set;
        };
    }

    private @Nullable Credential credential(String path) {
        String auth = of(path).get(REGISTRY_AUTH);
        return auth == null ? null : Credential.parse(auth);
    }
}
