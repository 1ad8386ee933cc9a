package io.rafsd.demo.registry;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * An OCI registry inside this process, reachable from this machine only: enough of the distribution specification to push
 * and pull images, with token login. It counts what it sends. Blobs are files, manifests are in memory and end with it.
 * Safe for many threads.
 *
 * @see <a href="https://github.com/opencontainers/distribution-spec/blob/main/spec.md">OCI distribution specification</a>
 */
public final class EmbeddedRegistry implements AutoCloseable {

    static {
        // Without it, each small answer waits 40 ms for the acknowledgement of the one before.
        if (System.getProperty("sun.net.httpserver.nodelay") == null) {
            System.setProperty("sun.net.httpserver.nodelay", "true");
        }
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final BlobShelf blobs;
    private final ManifestShelf manifests;
    private final Traffic traffic = new Traffic();

    private EmbeddedRegistry(HttpServer server, Path directory, Access access) {
        this.server = server;
        this.blobs = new BlobShelf(directory);
        this.manifests = new ManifestShelf(blobs);
        server.setExecutor(threads);
        server.createContext(
                "/", new Desk(new Gate(access), blobs, manifests, new UploadDesk(directory, blobs), traffic));
    }

    /** Starts a registry that everybody may use, on a free port. */
    public static EmbeddedRegistry start(Path directory) throws IOException {
        return start(directory, new Access.Open(), 0);
    }

    /**
     * Starts a registry.
     *
     * @param directory for pushed blobs; it is made if it is not there
     * @param access who may use it
     * @param port on loopback; 0: a free one
     */
    public static EmbeddedRegistry start(Path directory, Access access, int port) throws IOException {
        Files.createDirectories(directory);
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port), 0);
        EmbeddedRegistry registry = new EmbeddedRegistry(server, directory, access);
        server.start();
        return registry;
    }

    /** {@code http://127.0.0.1:PORT} */
    public URI address() {
        return URI.create("http://" + host());
    }

    /** {@code 127.0.0.1:PORT}, as it stands in image references. */
    public String host() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    /** Serves a file as a blob, from where it lies, and returns its digest. The file must not change. */
    public String addBlob(Path file) throws IOException {
        return blobs.reference(file);
    }

    /**
     * Takes up a manifest whose blobs are there already.
     *
     * @param tag or digest
     * @return its digest
     * @throws IOException if it is no manifest, or parts of it are missing
     */
    public String addManifest(String repository, String tag, String mediaType, byte[] json) throws IOException {
        return manifests.put(repository, tag, mediaType, json);
    }

    /** What it was asked and what it sent, counted from the start on. */
    public Traffic traffic() {
        return traffic;
    }

    /** Ends at once; transfers under way break off. */
    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
