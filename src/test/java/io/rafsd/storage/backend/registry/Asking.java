package io.rafsd.storage.backend.registry;

import io.rafsd.blob.ByteRange;
import io.rafsd.error.BackendFailure;
import io.rafsd.storage.backend.BackendConfig;
import io.rafsd.storage.backend.BlobReader;
import io.rafsd.storage.backend.BlobStream;
import io.rafsd.storage.backend.ReadContext;
import io.rafsd.storage.backend.http.HttpTransport;
import io.rafsd.storage.credentials.CredentialSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.assertj.core.api.Assertions;
import org.jspecify.annotations.Nullable;

/** How tests ask a registry: short patience, one blob. */
final class Asking {

    static final String HEX = "ab".repeat(32);
    static final String BLOB_PATH = "/v2/team/app/blobs/sha256:" + HEX;
    static final byte[] BLOB = blob();

    private Asking() {}

    private static byte[] blob() {
        byte[] blob = new byte[100_000];
        new Random(7).nextBytes(blob);
        return blob;
    }

    static BackendConfig.Registry config(String host, @Nullable String auth) {
        return new BackendConfig.Registry(
                "",
                host,
                "team/app",
                auth,
                null,
                false,
                new BackendConfig.HttpSettings(Duration.ofSeconds(20), Duration.ofSeconds(20), 0));
    }

    static BlobReader reader(String host, HttpTransport http, CredentialSource credentials) {
        return new RegistryBlobReader(new RegistryClient(config(host, null), http, credentials), "sha256:" + HEX);
    }

    static BlobReader reader(String host, HttpTransport http) {
        return reader(host, http, _ -> null);
    }

    static ReadContext context() {
        return ReadContext.onDemand(Duration.ofSeconds(20));
    }

    static byte[] read(BlobReader reader, long offset, int length) throws IOException {
        return read(reader, offset, length, context());
    }

    static byte[] read(BlobReader reader, long offset, int length, ReadContext context) throws IOException {
        byte[] bytes = new byte[length];
        try (BlobStream stream = reader.open(new ByteRange(offset, length), context)) {
            stream.readFully(MemorySegment.ofArray(bytes));
        }
        return bytes;
    }

    static byte[] part(int offset, int length) {
        return Arrays.copyOfRange(BLOB, offset, offset + length);
    }

    static BackendFailure failure(BlobReader reader, long offset, int length) {
        return Assertions.catchThrowableOfType(BackendFailure.class, () -> read(reader, offset, length));
    }
}
