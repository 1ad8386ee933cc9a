package io.rafsd.storage.backend.registry;

import io.rafsd.blob.BlobId;
import io.rafsd.storage.backend.Backend;
import io.rafsd.storage.backend.BackendConfig;
import io.rafsd.storage.backend.BlobReader;
import io.rafsd.storage.backend.http.HttpTransport;
import io.rafsd.storage.credentials.CredentialSource;

/** The blobs of one repository; a blob's id is the hexadecimal part of its digest. */
public final class RegistryBackend implements Backend {

    private final RegistryClient client;

    public RegistryBackend(BackendConfig.Registry config, HttpTransport http, CredentialSource credentials) {
        this.client = new RegistryClient(config, http, credentials);
    }

    @Override
    public BlobReader blob(BlobId id) {
        return new RegistryBlobReader(client, "sha256:" + id);
    }

    /** The connections belong to the process. */
    @Override
    public void close() {}
}
