package io.rafsd.image;

import io.rafsd.demo.registry.PushClient;
import io.rafsd.oci.Descriptor;
import io.rafsd.oci.Manifest;
import io.rafsd.oci.MediaTypes;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** The parts of a RAFS image as a registry holds them; the resolver does not look into the bootstrap. */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record TestImage(byte[] layer, byte[] manifest, String layerDigest) {

    static final byte[] BOOTSTRAP = "bootstrap ".repeat(1000).getBytes(StandardCharsets.UTF_8);
    static final byte[] CONFIG = "{}".getBytes(StandardCharsets.UTF_8);
    static final byte[] BLOB = "blob".getBytes(StandardCharsets.UTF_8);

    static TestImage gzipped() throws Exception {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(zipped)) {
            gzip.write(tar());
        }
        return of(
                zipped.toByteArray(),
                Map.of(MediaTypes.BOOTSTRAP_ANNOTATION, "true", MediaTypes.FS_VERSION_ANNOTATION, "6"));
    }

    static TestImage of(byte[] layer, Map<String, String> annotations) throws Exception {
        String digest = PushClient.digest(layer);
        Manifest.Image manifest = new Manifest.Image(
                Descriptor.of(MediaTypes.CONFIG, PushClient.digest(CONFIG), CONFIG.length, Map.of()),
                List.of(
                        Descriptor.of(
                                MediaTypes.NYDUS_BLOB,
                                PushClient.digest(BLOB),
                                BLOB.length,
                                Map.of(MediaTypes.BLOB_ANNOTATION, "true")),
                        Descriptor.of(MediaTypes.LAYER_TAR_GZIP, digest, layer.length, annotations)));
        return new TestImage(layer, manifest.toJson(), digest);
    }

    static byte[] tar() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            tar.putArchiveEntry(new TarArchiveEntry("image/"));
            tar.closeArchiveEntry();
            TarArchiveEntry boot = new TarArchiveEntry("image/image.boot");
            boot.setSize(BOOTSTRAP.length);
            tar.putArchiveEntry(boot);
            tar.write(BOOTSTRAP);
            tar.closeArchiveEntry();
        }
        return bytes.toByteArray();
    }

    /** Pushes all parts; returns the digest of the manifest. */
    String push(PushClient client, String tag) throws Exception {
        client.pushBlob(CONFIG);
        client.pushBlob(BLOB);
        client.pushBlob(layer);
        return client.pushManifest(tag, MediaTypes.MANIFEST, manifest);
    }
}
