package io.rafsd.demo.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafsd.oci.MediaTypes;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;

/** Pushes to a registry as a client of its own, so that our reading side is not tested with itself. */
public final class PushClient {

    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final URI registry;
    private final String repository;

    public PushClient(URI registry, String repository) {
        this.registry = registry;
        this.repository = repository;
    }

    /** Pushes in one request after the upload was begun; returns the digest. */
    public String pushBlob(byte[] blob) throws Exception {
        String digest = digest(blob);
        assertThat(upload(blob, digest).statusCode()).isEqualTo(201);
        return digest;
    }

    HttpResponse<byte[]> upload(byte[] blob, String digest) throws Exception {
        URI upload = begin();
        String separator = upload.getRawQuery() == null ? "?" : "&";
        return send("PUT", upload + separator + "digest=" + digest, Map.of(), blob);
    }

    String pushBlobInParts(byte[] blob, int part) throws Exception {
        URI upload = begin();
        for (int at = 0; at < blob.length; at += part) {
            int end = Math.min(blob.length, at + part);
            HttpResponse<byte[]> answer = send(
                    "PATCH",
                    upload.toString(),
                    Map.of("Content-Range", at + "-" + (end - 1), "Content-Type", "application/octet-stream"),
                    Arrays.copyOfRange(blob, at, end));
            assertThat(answer.statusCode()).isEqualTo(202);
            assertThat(answer.headers().firstValue("Range")).contains("0-" + (end - 1));
            upload = location(answer);
        }
        String digest = digest(blob);
        String separator = upload.getRawQuery() == null ? "?" : "&";
        assertThat(send("PUT", upload + separator + "digest=" + digest, Map.of(), new byte[0])
                        .statusCode())
                .isEqualTo(201);
        return digest;
    }

    public String pushManifest(String name, String mediaType, byte[] json) throws Exception {
        HttpResponse<byte[]> answer =
                send("PUT", "/v2/" + repository + "/manifests/" + name, Map.of("Content-Type", mediaType), json);
        assertThat(answer.statusCode()).isEqualTo(201);
        return digest(json);
    }

    HttpResponse<byte[]> blob(String digest, Map<String, String> headers) throws Exception {
        return get("/v2/" + repository + "/blobs/" + digest, headers);
    }

    HttpResponse<byte[]> manifest(String name) throws Exception {
        return get("/v2/" + repository + "/manifests/" + name, Map.of("Accept", MediaTypes.ACCEPT));
    }

    HttpResponse<byte[]> get(String path, Map<String, String> headers) throws Exception {
        return send("GET", path, headers, new byte[0]);
    }

    HttpResponse<byte[]> send(String method, String path, Map<String, String> headers, byte[] body) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(registry.resolve(path))
                .method(
                        method,
                        body.length == 0
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofByteArray(body));
        headers.forEach(request::header);
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private URI begin() throws Exception {
        HttpResponse<byte[]> begun = send("POST", "/v2/" + repository + "/blobs/uploads/", Map.of(), new byte[0]);
        assertThat(begun.statusCode()).isEqualTo(202);
        return location(begun);
    }

    private URI location(HttpResponse<byte[]> answer) {
        return registry.resolve(answer.headers().firstValue("Location").orElseThrow());
    }

    public static String digest(byte[] bytes) throws Exception {
        return "sha256:"
                + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }
}
