package io.rafsd.demo.registry;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.rafsd.oci.Manifest;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Answers the requests of the distribution specification. Each on a thread of its own. */
final class Desk implements HttpHandler {

    static final String TOKEN_PATH = "/token";

    private static final int BUFFER = 64 << 10;

    private final Gate gate;
    private final BlobShelf blobs;
    private final ManifestShelf manifests;
    private final UploadDesk uploads;
    private final Traffic traffic;

    Desk(Gate gate, BlobShelf blobs, ManifestShelf manifests, UploadDesk uploads, Traffic traffic) {
        this.gate = gate;
        this.blobs = blobs;
        this.manifests = manifests;
        this.uploads = uploads;
        this.traffic = traffic;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        traffic.request();
        try (exchange) {
            Conversation talk = new Conversation(exchange);
            try {
                if (talk.path().equals(TOKEN_PATH)) {
                    token(talk);
                } else {
                    answer(talk);
                }
            } catch (Refusal e) {
                talk.refuse(e);
            }
        }
    }

    private void answer(Conversation talk) throws IOException {
        Route route = Route.parse(talk.path());
        String realm = "http://" + talk.header("Host") + TOKEN_PATH;
        gate.check(talk.header("Authorization"), talk.answer(), realm, scope(route, talk.method()));
        talk.answer().set("Docker-Distribution-Api-Version", "registry/2.0");
        switch (route) {
            case Route.Root _ -> talk.json(200, Conversation.JSON.createObjectNode());
            case Route.OneManifest(String repository, String name) -> manifest(talk, repository, name);
            case Route.Blob blob -> blob(talk, blob.digest());
            case Route.Upload(String repository, String id) -> upload(talk, repository, id);
            case Route.Tags(String repository) -> tags(talk, repository);
        }
    }

    private static String scope(Route route, String method) {
        String actions = method.equals("GET") || method.equals("HEAD") ? ":pull" : ":pull,push";
        return switch (route) {
            case Route.Root _ -> "";
            case Route.OneManifest manifest -> "repository:" + manifest.repository() + actions;
            case Route.Blob blob -> "repository:" + blob.repository() + actions;
            case Route.Upload upload -> "repository:" + upload.repository() + actions;
            case Route.Tags(String repository) -> "repository:" + repository + actions;
        };
    }

    private void token(Conversation talk) throws IOException {
        Gate.Issued issued = gate.issue(talk.header("Authorization"), talk.answer());
        traffic.token();
        ObjectNode document = Conversation.JSON.createObjectNode();
        document.put("token", issued.value());
        document.put("expires_in", issued.life().toSeconds());
        talk.json(200, document);
    }

    private void manifest(Conversation talk, String repository, String name) throws IOException {
        switch (talk.method()) {
            case "GET", "HEAD" -> {
                ManifestShelf.Stored stored = manifests.find(repository, name);
                talk.answer().set("Docker-Content-Digest", stored.digest());
                talk.bytes(200, stored.mediaType(), stored.json());
            }
            case "PUT" -> {
                byte[] json = talk.body().readNBytes(Manifest.MAX_SIZE + 1);
                if (json.length > Manifest.MAX_SIZE) {
                    throw new Refusal(413, "SIZE_INVALID", "a manifest has at most " + Manifest.MAX_SIZE + " bytes");
                }
                String mediaType = talk.header("Content-Type");
                if (mediaType == null) {
                    throw new Refusal(400, "MANIFEST_INVALID", "a manifest without a Content-Type");
                }
                String digest = manifests.put(repository, name, mediaType, json);
                talk.answer().set("Docker-Content-Digest", digest);
                talk.answer().set("Location", "/v2/" + repository + "/manifests/" + digest);
                talk.empty(201);
            }
            default -> throw unsupported(talk);
        }
    }

    private void blob(Conversation talk, String digest) throws IOException {
        if (!talk.method().equals("GET") && !talk.method().equals("HEAD")) {
            throw unsupported(talk);
        }
        Path file = blobs.find(digest);
        long size = Files.size(file);
        talk.answer().set("Docker-Content-Digest", digest);
        talk.answer().set("Content-Type", "application/octet-stream");
        talk.answer().set("Accept-Ranges", "bytes");
        RangeHeader range = range(talk, size);
        if (range != null) {
            talk.answer().set("Content-Range", "bytes " + range.first() + "-" + range.last() + "/" + size);
        }
        long first = range == null ? 0 : range.first();
        long length = range == null ? size : range.length();
        if (talk.begin(range == null ? 200 : 206, length)) {
            traffic.asked(new Traffic.Transfer(digest, first, length));
            send(talk, digest, file, first, length);
        }
    }

    private static @Nullable RangeHeader range(Conversation talk, long size) throws Refusal {
        try {
            return RangeHeader.parse(talk.header("Range"), size);
        } catch (Refusal e) {
            talk.answer().set("Content-Range", "bytes */" + size);
            throw e;
        }
    }

    private void send(Conversation talk, String digest, Path file, long first, long length) throws IOException {
        byte[] buffer = new byte[(int) Math.min(BUFFER, length)];
        try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r");
                OutputStream out = talk.exchange().getResponseBody()) {
            in.seek(first);
            for (long left = length; left > 0; ) {
                int n = in.read(buffer, 0, (int) Math.min(buffer.length, left));
                if (n < 0) {
                    throw new IOException(file + " has become shorter while it was sent");
                }
                out.write(buffer, 0, n);
                traffic.sent(digest, n);
                left -= n;
            }
        }
    }

    private void upload(Conversation talk, String repository, String id) throws IOException {
        switch (talk.method()) {
            case "POST" -> begin(talk, repository);
            case "PATCH" -> progress(talk, repository, id, uploads.append(id, talk.body()), 202);
            case "GET" -> progress(talk, repository, id, uploads.size(id), 204);
            case "PUT" -> {
                uploads.append(id, talk.body());
                finish(talk, repository, id, talk.parameter("digest"));
            }
            case "DELETE" -> {
                uploads.cancel(id);
                talk.empty(204);
            }
            default -> throw unsupported(talk);
        }
    }

    private void begin(Conversation talk, String repository) throws IOException {
        String mount = talk.parameter("mount");
        if (!mount.isEmpty() && blobs.has(mount)) {
            created(talk, repository, mount);
            return;
        }
        String id = uploads.begin();
        String digest = talk.parameter("digest");
        if (digest.isEmpty()) {
            progress(talk, repository, id, 0, 202);
        } else {
            uploads.append(id, talk.body());
            finish(talk, repository, id, digest);
        }
    }

    private static void progress(Conversation talk, String repository, String id, long size, int status)
            throws IOException {
        talk.answer().set("Location", "/v2/" + repository + "/blobs/uploads/" + id);
        talk.answer().set("Docker-Upload-UUID", id);
        talk.answer().set("Range", "0-" + Math.max(0, size - 1));
        talk.empty(status);
    }

    private void finish(Conversation talk, String repository, String id, String digest) throws IOException {
        uploads.finish(id, digest);
        created(talk, repository, digest);
    }

    private static void created(Conversation talk, String repository, String digest) throws IOException {
        talk.answer().set("Docker-Content-Digest", digest);
        talk.answer().set("Location", "/v2/" + repository + "/blobs/" + digest);
        talk.empty(201);
    }

    private void tags(Conversation talk, String repository) throws IOException {
        if (!talk.method().equals("GET")) {
            throw unsupported(talk);
        }
        ObjectNode document = Conversation.JSON.createObjectNode();
        document.put("name", repository);
        ArrayNode tags = document.putArray("tags");
        manifests.tags(repository).forEach(tags::add);
        talk.json(200, document);
    }

    private static Refusal unsupported(Conversation talk) {
        return new Refusal(405, "UNSUPPORTED", talk.method() + " is not possible here");
    }
}
