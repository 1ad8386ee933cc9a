package io.rafsd.storage.backend;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which backend, and how to talk to it. {@code toString} never shows a secret. */
public sealed interface BackendConfig {

    /** The name that configurations give to this kind of backend. */
    default String type() {
        return switch (this) {
            case LocalFs _ -> "localfs";
            case Registry _ -> "registry";
        };
    }

    /**
     * Files in a directory.
     *
     * @param directory that holds one file per blob, named by its id; null if {@code blobFile} is given
     * @param blobFile the one blob of the image; null if {@code directory} is given
     * @param alternativeDirectories looked in after {@code directory}
     */
    record LocalFs(@Nullable Path directory, @Nullable Path blobFile, List<Path> alternativeDirectories)
            implements BackendConfig {}

    /**
     * A repository of an OCI registry.
     *
     * @param scheme "http" or "https"; empty: https, and http for hosts on loopback
     * @param host host and optional port
     * @param repository path of the repository, without leading slash
     * @param auth base64 of {@code user:password}; null: whatever the credential sources know of the host
     * @param registryToken a bearer token to be used as it is; null: none
     * @param skipVerify accept any TLS certificate
     * @param http time-outs and retries
     */
    record Registry(
            String scheme,
            String host,
            String repository,
            @Nullable String auth,
            @Nullable String registryToken,
            boolean skipVerify,
            HttpSettings http)
            implements BackendConfig {

        /** The same way of talking, to another repository. */
        public Registry at(String otherHost, String otherRepository) {
            return new Registry(scheme, otherHost, otherRepository, auth, registryToken, skipVerify, http);
        }

        /** The same, but for who we are, which somebody else says. */
        public Registry withoutAuth() {
            return new Registry(scheme, host, repository, null, registryToken, skipVerify, http);
        }

        @Override
        public String toString() {
            return "Registry[" + host + "/" + repository + "]";
        }
    }

    /**
     * How patient HTTP backends are.
     *
     * @param timeout without a byte after which a response is given up
     * @param connectTimeout for one connection attempt
     * @param retryLimit further attempts after the first, within the deadline of the read
     */
    record HttpSettings(Duration timeout, Duration connectTimeout, int retryLimit) {

        /** What nydusd uses where the configuration is silent, with retries that bridge a registry's restart. */
        public static final HttpSettings DEFAULT = new HttpSettings(Duration.ofSeconds(5), Duration.ofSeconds(5), 3);
    }
}
