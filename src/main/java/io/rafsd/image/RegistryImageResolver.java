package io.rafsd.image;

import io.rafsd.error.IntegrityFailure;
import io.rafsd.error.InvalidImage;
import io.rafsd.error.Unsupported;
import io.rafsd.oci.Descriptor;
import io.rafsd.oci.ImageReference;
import io.rafsd.oci.Manifest;
import io.rafsd.oci.MediaTypes;
import io.rafsd.oci.Platform;
import io.rafsd.storage.backend.BackendConfig;
import io.rafsd.storage.backend.ReadContext;
import io.rafsd.storage.backend.http.HttpResponse;
import io.rafsd.storage.backend.http.HttpTransport;
import io.rafsd.storage.backend.registry.RegistryClient;
import io.rafsd.storage.credentials.CredentialSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Resolves references through a registry. The bootstrap layer is kept as it was downloaded, under its own digest, and is
 * digested again whenever it is used: what lies on disk is believed no more than what comes over the network.
 */
public final class RegistryImageResolver implements ImageResolver {

    private static final Logger log = LoggerFactory.getLogger(RegistryImageResolver.class);
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final long MAX_LAYER = 1L << 30;
    private static final int BUFFER = 1 << 16;

    private final BackendConfig.Registry config;
    private final RegistryClient client;

    /** @param config of the repository that references will name */
    public RegistryImageResolver(BackendConfig.Registry config, HttpTransport http, CredentialSource credentials) {
        this.config = config;
        this.client = new RegistryClient(config, http, credentials);
    }

    @Override
    public ResolvedImage resolve(ImageReference reference, Path directory) throws IOException {
        ReadContext context = ReadContext.onDemand(PATIENCE);
        Fetched fetched = manifest(reference.manifestName(), reference.digest(), context);
        Manifest.Image image = switch (fetched.manifest()) {
            case Manifest.Image direct -> direct;
            case Manifest.Index index -> {
                Descriptor chosen = index.choose(Platform.current());
                if (chosen == null) {
                    throw new InvalidImage(reference + " has no image for " + Platform.current() + ", only for "
                            + index.manifests().stream()
                                    .map(manifest -> String.valueOf(manifest.platform()))
                                    .distinct()
                                    .collect(Collectors.joining(", ")));
                }
                fetched = manifest(chosen.digest(), chosen.digest(), context);
                yield switch (fetched.manifest()) {
                    case Manifest.Image nested -> nested;
                    case Manifest.Index _ -> throw new InvalidImage(reference + " is an index of indexes");
                };
            }
        };
        Descriptor layer = bootstrapLayer(reference, image);
        Files.createDirectories(directory);
        Path bootstrap = directory.resolve(layer.hex() + ".boot");
        BootstrapLayer.extract(layer(layer, directory, context), bootstrap);
        long size = image.layers().stream().mapToLong(Descriptor::size).sum();
        return new ResolvedImage(
                new ImageReference(reference.host(), reference.repository(), reference.tag(), fetched.digest()),
                bootstrap,
                layer.annotation(MediaTypes.FS_VERSION_ANNOTATION),
                size);
    }

    private record Fetched(Manifest manifest, String digest) {}

    private Fetched manifest(String name, @Nullable String expected, ReadContext context) throws IOException {
        try (HttpResponse response =
                client.get("GET", "manifests/" + name, Map.of("Accept", MediaTypes.ACCEPT), context)) {
            byte[] json = response.body().readNBytes(Manifest.MAX_SIZE + 1);
            if (json.length > Manifest.MAX_SIZE) {
                throw new InvalidImage("manifest " + config.host() + "/" + config.repository() + " " + name
                        + " has more than " + Manifest.MAX_SIZE + " bytes");
            }
            String digest = "sha256:" + HexFormat.of().formatHex(sha256().digest(json));
            String stated = expected != null ? expected : response.header("Docker-Content-Digest");
            if (stated != null && stated.startsWith("sha256:") && !stated.equals(digest)) {
                throw new IntegrityFailure("manifest " + config.host() + "/" + config.repository() + " " + name
                        + " has the digest " + digest + ", not " + stated);
            }
            return new Fetched(Manifest.parse(json), digest);
        }
    }

    private static Descriptor bootstrapLayer(ImageReference reference, Manifest.Image image) throws IOException {
        for (Descriptor layer : image.layers()) {
            if (layer.annotation(MediaTypes.ENCRYPTED_ANNOTATION).equals("true")) {
                throw new Unsupported(reference + " is encrypted, which this version does not read");
            }
            if (layer.annotation(MediaTypes.BOOTSTRAP_ANNOTATION).equals("true")) {
                if (layer.size() > MAX_LAYER) {
                    throw new InvalidImage(reference + " has a bootstrap layer of " + layer.size() + " bytes");
                }
                return layer;
            }
        }
        throw new InvalidImage(reference + " is no RAFS image: none of its "
                + image.layers().size() + " layers holds a bootstrap; convert it, for example with nydusify convert");
    }

    /** The layer's file, downloaded if it is not there or not what its digest says. */
    private Path layer(Descriptor layer, Path directory, ReadContext context) throws IOException {
        Path file = directory.resolve(layer.hex() + ".layer");
        if (Files.exists(file)) {
            if (digest(file).equals(layer.hex())) {
                return file;
            }
            log.atWarn().addKeyValue("file", file).log("bootstrap layer on disk is damaged, fetching it again");
        }
        Path temporary = Files.createTempFile(directory, layer.hex(), ".part");
        try {
            download(layer, temporary, context);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
        return file;
    }

    private void download(Descriptor layer, Path file, ReadContext context) throws IOException {
        MessageDigest digest = sha256();
        long size = 0;
        try (HttpResponse response = client.get("GET", "blobs/" + layer.digest(), Map.of(), context);
                var out = Files.newOutputStream(file)) {
            byte[] buffer = new byte[BUFFER];
            InputStream body = response.body();
            for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
                size += n;
                if (size > layer.size()) {
                    break;
                }
                digest.update(buffer, 0, n);
                out.write(buffer, 0, n);
            }
        }
        String found = HexFormat.of().formatHex(digest.digest());
        if (size != layer.size() || !found.equals(layer.hex())) {
            throw new IntegrityFailure("bootstrap layer " + layer.digest() + " of " + config.host() + "/"
                    + config.repository() + " arrived as sha256:" + found + " with " + size + " bytes");
        }
    }

    private static String digest(Path file) throws IOException {
        MessageDigest digest = sha256();
        byte[] buffer = new byte[BUFFER];
        try (InputStream in = Files.newInputStream(file)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
