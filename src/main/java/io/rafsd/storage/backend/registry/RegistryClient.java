package io.rafsd.storage.backend.registry;

import io.rafsd.error.BackendFailure;
import io.rafsd.storage.backend.BackendConfig;
import io.rafsd.storage.backend.ReadContext;
import io.rafsd.storage.backend.http.HttpRequest;
import io.rafsd.storage.backend.http.HttpResponse;
import io.rafsd.storage.backend.http.HttpTransport;
import io.rafsd.storage.credentials.CredentialSource;
import java.io.IOException;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Asks one repository of a registry: logs in when it is told to, follows redirects, and never shows our credentials to
 * another origin. Safe for many threads.
 *
 * @see <a href="https://github.com/opencontainers/distribution-spec/blob/main/spec.md">OCI distribution specification</a>
 */
public final class RegistryClient {

    private static final int MAX_HOPS = 10;
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

    private final BackendConfig.Registry config;
    private final HttpTransport http;
    private final Authorizer authorizer;
    private final URI base;

    public RegistryClient(BackendConfig.Registry config, HttpTransport http, CredentialSource credentials) {
        this.config = config;
        this.http = http;
        this.authorizer = new Authorizer(config, http, credentials);
        this.base = URI.create(scheme(config) + "://" + api(config.host()) + "/v2/" + config.repository() + "/");
    }

    /** Docker Hub's images carry a name that is not its registry's. */
    private static String api(String host) {
        return host.equals("docker.io") || host.equals("index.docker.io") ? "registry-1.docker.io" : host;
    }

    /** The scheme that is spoken with the registry: the configured one, else https, and http on loopback. */
    static String scheme(BackendConfig.Registry config) {
        if (!config.scheme().isEmpty()) {
            return config.scheme();
        }
        String host = config.host().toLowerCase(Locale.ROOT);
        boolean loopback = host.startsWith("127.")
                || host.equals("localhost")
                || host.startsWith("localhost:")
                || host.startsWith("[::1]");
        return loopback ? "http" : "https";
    }

    /** The repository, for messages. */
    String shown() {
        return config.host() + "/" + config.repository();
    }

    /** The address of something in the repository, for example {@code blobs/sha256:…}. */
    URI resolve(String path) {
        return base.resolve(path);
    }

    /**
     * Sends a request to the repository and returns the response when it is a success.
     *
     * @param path below the repository
     * @throws BackendFailure with the kind that its status means
     */
    public HttpResponse get(String method, String path, Map<String, String> headers, ReadContext context)
            throws IOException {
        return follow(method, resolve(path), headers, context, null).response();
    }

    /** A response, and the address that gave it in the end. */
    record Located(HttpResponse response, URI location) {}

    /**
     * As {@link #get}, and tells where the redirects led.
     *
     * @param shortcut where they led before; it is asked without credentials unless it is the registry itself
     */
    Located follow(String method, URI start, Map<String, String> headers, ReadContext context, @Nullable URI shortcut)
            throws IOException {
        URI uri = shortcut == null ? start : shortcut;
        for (int hop = 0; hop <= MAX_HOPS; hop++) {
            HttpResponse response = sameOrigin(uri, base)
                    ? atHome(method, uri, headers, context)
                    : send(method, uri, headers, null, context);
            int status = response.status();
            if (REDIRECTS.contains(status)) {
                uri = redirect(uri, response);
            } else if (status / 100 == 2) {
                return new Located(response, uri);
            } else {
                throw refusal(method, uri, response);
            }
        }
        throw new BackendFailure(
                BackendFailure.Kind.FATAL, "registry " + config.host() + " redirects more than " + MAX_HOPS + " times");
    }

    /** Asks the registry itself, and once more after a login if it wants one. */
    private HttpResponse atHome(String method, URI uri, Map<String, String> headers, ReadContext context)
            throws IOException {
        String authorization = authorizer.header(context.deadlineNanos());
        HttpResponse response = send(method, uri, headers, authorization, context);
        if (response.status() != 401) {
            return response;
        }
        List<String> challenges = response.headers("WWW-Authenticate");
        response.close();
        return send(
                method,
                uri,
                headers,
                authorizer.afterRefusal(authorization, challenges, context.deadlineNanos()),
                context);
    }

    private HttpResponse send(
            String method, URI uri, Map<String, String> headers, @Nullable String authorization, ReadContext context)
            throws IOException {
        Map<String, String> all = new HashMap<>(headers);
        if (authorization != null) {
            all.put("Authorization", authorization);
        }
        return http.send(new HttpRequest(
                method,
                uri,
                all,
                "",
                config.skipVerify(),
                config.http().connectTimeout(),
                config.http().timeout(),
                context.deadlineNanos()));
    }

    /** Where a redirect leads; ends the response. */
    private URI redirect(URI from, HttpResponse response) throws BackendFailure {
        String location = response.header("Location");
        response.close();
        URI to;
        try {
            to = location == null ? null : from.resolve(location);
        } catch (IllegalArgumentException e) {
            to = null;
        }
        if (to == null || to.getHost() == null || !isHttp(to)) {
            throw new BackendFailure(
                    BackendFailure.Kind.FATAL, "registry " + config.host() + " redirects without saying where to");
        }
        if ("https".equalsIgnoreCase(from.getScheme())
                && !"https".equalsIgnoreCase(to.getScheme())
                && !config.skipVerify()) {
            throw new BackendFailure(
                    BackendFailure.Kind.FATAL,
                    "registry " + config.host() + " redirects from https to " + to.getScheme()
                            + "; set skip_verify if that is meant");
        }
        return to;
    }

    private static boolean isHttp(URI uri) {
        return "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
    }

    private BackendFailure refusal(String method, URI uri, HttpResponse response) {
        int status = response.status();
        boolean home = sameOrigin(uri, base);
        // What other servers say may repeat the signed address that led there.
        String said = home ? RegistryError.text(response) : "";
        response.close();
        BackendFailure.Kind kind = switch (status) {
            case 401, 403 -> BackendFailure.Kind.AUTH;
            case 404, 410 -> BackendFailure.Kind.NOT_FOUND;
            case 408, 429 -> BackendFailure.Kind.RETRYABLE;
            default -> status >= 500 ? BackendFailure.Kind.RETRYABLE : BackendFailure.Kind.FATAL;
        };
        if (kind == BackendFailure.Kind.AUTH && home) {
            return authorizer.refused();
        }
        return new BackendFailure(
                kind,
                method + " " + uri.getScheme() + "://" + uri.getHost() + port(uri) + uri.getRawPath()
                        + (home
                                ? ""
                                : ", where registry " + config.host() + " sends us for " + config.repository() + ",")
                        + " was answered " + status + said);
    }

    private static String port(URI uri) {
        return uri.getPort() < 0 ? "" : ":" + uri.getPort();
    }

    private static boolean sameOrigin(URI a, URI b) {
        return a.getScheme().equalsIgnoreCase(b.getScheme())
                && a.getHost().equalsIgnoreCase(b.getHost())
                && effectivePort(a) == effectivePort(b)
                && a.getRawUserInfo() == null;
    }

    private static int effectivePort(URI uri) {
        return uri.getPort() >= 0 ? uri.getPort() : "https".equalsIgnoreCase(uri.getScheme()) ? 443 : 80;
    }
}
