package io.rafsd.demo.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafsd.oci.Descriptor;
import io.rafsd.oci.Manifest;
import io.rafsd.oci.MediaTypes;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a client may expect of any registry: of the embedded one and of a real one. */
public abstract class RegistryContract {

    private static final byte[] BLOB = "0123456789".repeat(100).getBytes(StandardCharsets.UTF_8);

    /** {@code http://host:port} of an empty registry that everybody may use. */
    protected abstract URI address() throws Exception;

    private PushClient client() throws Exception {
        return new PushClient(address(), "team/app");
    }

    @Test
    void apiVersionIsConfirmed() throws Exception {
        assertThat(client().get("/v2/", Map.of()).statusCode()).isEqualTo(200);
    }

    @Test
    void pushedBlobCanBeReadWholeAndInParts() throws Exception {
        String digest = client().pushBlob(BLOB);

        HttpResponse<byte[]> whole = client().blob(digest, Map.of());
        assertThat(whole.statusCode()).isEqualTo(200);
        assertThat(whole.body()).isEqualTo(BLOB);

        HttpResponse<byte[]> part = client().blob(digest, Map.of("Range", "bytes=3-6"));
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.body()).asString(StandardCharsets.UTF_8).isEqualTo("3456");
        assertThat(part.headers().firstValue("Content-Range")).contains("bytes 3-6/1000");

        HttpResponse<byte[]> rest = client().blob(digest, Map.of("Range", "bytes=998-"));
        assertThat(rest.body()).asString(StandardCharsets.UTF_8).isEqualTo("89");
        HttpResponse<byte[]> tail = client().blob(digest, Map.of("Range", "bytes=-4"));
        assertThat(tail.body()).asString(StandardCharsets.UTF_8).isEqualTo("6789");
    }

    @Test
    void rangeThatReachesBeyondTheEndIsCut() throws Exception {
        String digest = client().pushBlob(BLOB);
        HttpResponse<byte[]> cut = client().blob(digest, Map.of("Range", "bytes=995-2000"));
        assertThat(cut.headers().firstValue("Content-Range")).contains("bytes 995-999/1000");
        assertThat(cut.body()).hasSize(5);
    }

    @Test
    void headTellsTheSizeOfABlob() throws Exception {
        String digest = client().pushBlob(BLOB);
        HttpResponse<byte[]> head = client().send("HEAD", "/v2/team/app/blobs/" + digest, Map.of(), new byte[0]);
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.headers().firstValue("Content-Length")).contains("1000");
    }

    @Test
    void blobArrivesInParts() throws Exception {
        String digest = client().pushBlobInParts(BLOB, 300);
        assertThat(client().blob(digest, Map.of()).body()).isEqualTo(BLOB);
    }

    @Test
    void uploadWithAnotherDigestIsRefused() throws Exception {
        HttpResponse<byte[]> refused = client().upload(BLOB, "sha256:" + "0".repeat(64));
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).asString(StandardCharsets.UTF_8).contains("DIGEST_INVALID");
    }

    @Test
    void manifestIsFoundByItsTagAndByItsDigest() throws Exception {
        byte[] manifest = manifest();
        String digest = client().pushManifest("v1", MediaTypes.MANIFEST, manifest);
        for (String name : List.of("v1", digest)) {
            HttpResponse<byte[]> found = client().manifest(name);
            assertThat(found.statusCode()).isEqualTo(200);
            assertThat(found.body()).isEqualTo(manifest);
            assertThat(found.headers().firstValue("Docker-Content-Digest")).contains(digest);
            assertThat(found.headers().firstValue("Content-Type")).contains(MediaTypes.MANIFEST);
        }
        assertThat(client().get("/v2/team/app/tags/list", Map.of()).body())
                .asString(StandardCharsets.UTF_8)
                .contains("\"v1\"");
    }

    @Test
    void manifestWhoseBlobsAreMissingIsRefused() throws Exception {
        Descriptor missing = Descriptor.of(MediaTypes.CONFIG, "sha256:" + "1".repeat(64), 5, Map.of());
        byte[] manifest = new Manifest.Image(missing, List.of()).toJson();
        HttpResponse<byte[]> refused = client().send(
                        "PUT", "/v2/team/app/manifests/v2", Map.of("Content-Type", MediaTypes.MANIFEST), manifest);
        assertThat(refused.statusCode()).isBetween(400, 404);
        assertThat(refused.body()).asString(StandardCharsets.UTF_8).contains("MANIFEST_BLOB_UNKNOWN");
    }

    @Test
    void whatIsNotThereIsRefusedByItsKind() throws Exception {
        client().pushManifest("v1", MediaTypes.MANIFEST, manifest());
        HttpResponse<byte[]> manifest = client().manifest("other");
        assertThat(manifest.statusCode()).isEqualTo(404);
        assertThat(manifest.body()).asString(StandardCharsets.UTF_8).contains("\"errors\"", "MANIFEST_UNKNOWN");
        HttpResponse<byte[]> blob = client().blob("sha256:" + "2".repeat(64), Map.of());
        assertThat(blob.statusCode()).isEqualTo(404);
        assertThat(blob.body()).asString(StandardCharsets.UTF_8).contains("BLOB_UNKNOWN");
    }

    private byte[] manifest() throws Exception {
        byte[] config = "{}".getBytes(StandardCharsets.UTF_8);
        return new Manifest.Image(
                        Descriptor.of(MediaTypes.CONFIG, client().pushBlob(config), config.length, Map.of()),
                        List.of(Descriptor.of(MediaTypes.NYDUS_BLOB, client().pushBlob(BLOB), BLOB.length, Map.of())))
                .toJson();
    }
}
