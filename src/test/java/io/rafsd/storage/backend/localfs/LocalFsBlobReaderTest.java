package io.rafsd.storage.backend.localfs;

import io.rafsd.blob.BlobId;
import io.rafsd.storage.backend.BackendConfig;
import io.rafsd.storage.backend.BlobReader;
import io.rafsd.storage.backend.BlobReaderContract;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

class LocalFsBlobReaderTest extends BlobReaderContract {

    private final Path directory;
    private final LocalFsBackend backend;

    LocalFsBlobReaderTest(@TempDir Path directory) {
        this.directory = directory;
        backend = new LocalFsBackend(new BackendConfig.LocalFs(directory, null, List.of()));
    }

    @Override
    protected BlobReader readerOf(byte[] blob) throws Exception {
        Files.write(directory.resolve("aa"), blob);
        return backend.blob(new BlobId("aa"));
    }

    @AfterEach
    void close() {
        backend.close();
    }
}
