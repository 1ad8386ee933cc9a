package io.rafsd.app.config;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What a sidecar is configured with, by environment ({@code RAFSD_IMAGE}, …) or any other source that Spring Boot reads.
 * The command line says the same things and wins.
 *
 * @param image reference of the image to mount; empty for none
 * @param mountpoint directory to mount at, made if it is missing; empty for none
 * @param transport {@code kernel}, {@code jnr} or {@code erofs}
 * @param cacheDir for cache files; empty: a private directory that goes with the mount
 * @param stateDir for bootstraps and private caches
 * @param auth base64 of {@code user:password} for the registry; empty: docker's configuration
 * @param plainHttp speak http to the registry
 * @param skipVerify accept any TLS certificate
 * @param threads that answer the kernel
 * @param readTimeout after which a read that waits for the registry fails
 * @param prefetchAll warm the whole image in the background
 */
@ConfigurationProperties("rafsd")
public record RafsdProperties(
        @DefaultValue("") String image,
        @DefaultValue("") String mountpoint,
        @DefaultValue("kernel") String transport,
        @DefaultValue("") String cacheDir,
        @DefaultValue(DEFAULT_STATE_DIR) String stateDir,
        @DefaultValue("") String auth,
        @DefaultValue("false") boolean plainHttp,
        @DefaultValue("false") boolean skipVerify,
        @DefaultValue("4") int threads,
        @DefaultValue("60s") Duration readTimeout,
        @DefaultValue("false") boolean prefetchAll) {

    /** Holds for every daemon, whatever started it. */
    public static final String STATE_DIR = "rafsd.state-dir";

    /** Holds for every daemon: whether files that the kernel's EROFS reads are cached beside its own cache. */
    public static final String EROFS_PAGE_CACHE = "rafsd.erofs-page-cache";

    public static final String DEFAULT_STATE_DIR = "/var/lib/rafsd";

    @Override
    public String toString() {
        return "RafsdProperties[" + image + " at " + mountpoint + "]";
    }
}
